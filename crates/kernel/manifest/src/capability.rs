//! Capabilities: what a plugin may ask the host for (plugin contract §1.6).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! capabilities {
    ($($variant:ident = $text:literal | [$($legacy:literal)?], [$($implied:ident)?], $consent:literal;)+) => {
        /// One ability that is granted or not. The text form is the canonical spelling.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Capability {
            $(#[doc = concat!("`", $text, "`: ", $consent)] $variant,)+
        }

        impl Capability {
            /// Every capability, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The canonical spelling.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The spelling older manifests use, where there is one.
            #[must_use]
            pub fn legacy_name(self) -> Option<&'static str> {
                match self { $(Self::$variant => [$($legacy)?].first().copied(),)+ }
            }

            /// The capability that comes with this one.
            #[must_use]
            pub fn implied(self) -> Option<Self> {
                match self { $(Self::$variant => [$(Self::$implied)?].first().copied(),)+ }
            }

            /// What granting it means, in plain words, for the consent dialogue (plugin contract §7.7).
            #[must_use]
            pub fn consent_line(self) -> &'static str {
                match self { $(Self::$variant => $consent,)+ }
            }
        }
    };
}

capabilities! {
    ContentRead = "content:read" | ["read:content"], [],
        "Read all your content, drafts included.";
    ContentWrite = "content:write" | ["write:content"], [ContentRead],
        "Create, change and delete your content, publishing included, and change entries while they are being saved.";
    TaxonomiesRead = "taxonomies:read" | [], [],
        "Read your categories, tags and other taxonomies.";
    MediaRead = "media:read" | ["read:media"], [],
        "Read your media library.";
    MediaWrite = "media:write" | ["write:media"], [MediaRead],
        "Upload and delete media files, and rename files while they are being uploaded.";
    UsersRead = "users:read" | ["read:users"], [],
        "Read the names, e-mail addresses and roles of your users, and see and moderate comments.";
    NetworkRequest = "network:request" | ["network:fetch"], [],
        "Send data to and fetch data from the hosts it lists.";
    NetworkRequestUnrestricted = "network:request:unrestricted" | ["network:fetch:any"], [NetworkRequest],
        "Send data to and fetch data from any public host on the internet, without restriction.";
    EmailSend = "email:send" | [], [],
        "Send e-mail in the name of your site.";
    EmailEventsRegister = "hooks.email-events:register" | ["email:intercept"], [],
        "Read, change or stop every e-mail your site sends, message bodies included (sign-in mail excepted).";
    EmailTransportRegister = "hooks.email-transport:register" | ["email:provide"], [],
        "Deliver your site's e-mail: it sees every message, sign-in links and password resets included.";
    PageFragmentsRegister = "hooks.page-fragments:register" | ["page:inject"], [],
        "Add markup and scripts to your public pages (never done by a sandboxed plugin).";
}

impl Capability {
    /// The capability of this name, canonical or legacy.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|item| item.name() == name || item.legacy_name() == Some(name))
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Capability {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::by_name(&name).ok_or_else(|| format!("\"{name}\" is not a capability"))
    }
}

impl From<Capability> for &'static str {
    fn from(capability: Capability) -> Self {
        capability.name()
    }
}

/// A set of capabilities, closed under implication: whoever may write may read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeSet<Capability>", into = "BTreeSet<Capability>")]
pub struct CapabilitySet(BTreeSet<Capability>);

impl CapabilitySet {
    /// Adds a capability and what it implies.
    pub fn insert(&mut self, capability: Capability) {
        let mut next = Some(capability);
        while let Some(capability) = next {
            self.0.insert(capability);
            next = capability.implied();
        }
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn contains(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }

    /// The members, in table order.
    pub fn iter(&self) -> impl Iterator<Item = Capability> + '_ {
        self.0.iter().copied()
    }

    /// The canonical names, in table order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(Capability::name).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(items: I) -> Self {
        let mut set = Self::default();
        items.into_iter().for_each(|item| set.insert(item));
        set
    }
}

impl From<BTreeSet<Capability>> for CapabilitySet {
    fn from(items: BTreeSet<Capability>) -> Self {
        items.into_iter().collect()
    }
}

impl From<CapabilitySet> for BTreeSet<Capability> {
    fn from(set: CapabilitySet) -> Self {
        set.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_canonical_and_ten_legacy_names_are_known() {
        assert_eq!(Capability::ALL.len(), 12);
        // The contract counts ten legacy names; taxonomies:read and email:send never had one.
        assert_eq!(Capability::ALL.iter().filter_map(|item| item.legacy_name()).count(), 10);
        assert_eq!(Capability::by_name("read:content"), Some(Capability::ContentRead));
        assert_eq!(Capability::by_name("content:"), None, "never by prefix");
    }

    #[test]
    fn writing_implies_reading_and_unrestricted_implies_restricted() {
        let set: CapabilitySet =
            [Capability::ContentWrite, Capability::NetworkRequestUnrestricted].into_iter().collect();
        assert_eq!(
            set.names(),
            ["content:read", "content:write", "network:request", "network:request:unrestricted"]
        );
    }

    #[test]
    fn a_stored_set_is_closed_again_when_it_is_read() {
        let set: CapabilitySet = serde_json::from_str(r#"["write:media"]"#).unwrap();
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["media:read","media:write"]"#);
    }
}
