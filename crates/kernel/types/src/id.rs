//! One type per kind of id: a swapped argument is a compile error.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self(value)
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self(value.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

row_ids! {
    /// A user of one site.
    UserId,
    /// A personal access token.
    TokenId,
    /// A browser session.
    SessionId,
    /// A content entry, unique within its site.
    EntryId,
    /// One stored revision of an entry.
    RevisionId,
    /// A taxonomy term.
    TermId,
    /// An author credit.
    BylineId,
    /// A media item.
    MediaId,
    /// A queued job.
    JobId,
    /// An audit record.
    AuditId,
    /// A recorded refusal of something a plugin tried (A33).
    ViolationId,
    /// Somebody's wish for a plugin (B28).
    PluginRequestId,
    /// A task a plugin scheduled.
    CronTaskId,
    /// A recorded plugin call.
    CallId,
    /// A publisher of the marketplace.
    PublisherId,
    /// One release of a plugin in the marketplace.
    ReleaseId,
}

/// Why a text is not an id of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdError {
    /// What the text was meant to be, such as "plugin id".
    pub what: &'static str,
    /// The grammar, in words.
    pub rule: &'static str,
    /// The text as given, shortened.
    pub given: String,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not a {}: {}", self.given, self.what, self.rule)
    }
}

impl std::error::Error for IdError {}

macro_rules! checked_ids {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $max:literal, $extra:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the grammar.
            ///
            /// # Errors
            /// When the text does not follow it; the error states the rule.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let mut characters = text.chars();
                let first = characters.next().is_some_and(|c| c.is_ascii_lowercase());
                let rest = characters
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || $extra.contains(c));
                if first && rest && text.len() <= $max {
                    return Ok(Self(text.to_owned()));
                }
                Err(IdError { what: $what, rule: $rule, given: text.chars().take(80).collect() })
            }

            /// The text form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::parse(&value)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

checked_ids! {
    /// A plugin's id on a site and in the marketplace: `^[a-z][a-z0-9_-]*$`, at most 128 characters.
    PluginId, "plugin id", "a lower-case letter, then lower-case letters, digits, - and _, at most 128", 128, "-_";
    /// A collection's name: `^[a-z][a-z0-9_]*$`, at most 63 characters; its table is `ec_<name>`.
    CollectionName, "collection name", "a lower-case letter, then lower-case letters, digits and _, at most 63", 63, "_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_name_can_never_leave_an_sql_identifier() {
        for bad in ["", "Posts", "1posts", "posts; drop", "po-sts", "ec\"x", &"a".repeat(64)] {
            assert!(CollectionName::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(CollectionName::parse("blog_posts2").unwrap().as_str(), "blog_posts2");
    }

    #[test]
    fn a_refused_id_states_its_rule() {
        let error = PluginId::parse("../x").unwrap_err();
        assert!(error.to_string().starts_with("\"../x\" is not a plugin id: a lower-case letter"));
    }
}
