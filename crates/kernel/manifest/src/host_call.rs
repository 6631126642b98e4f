//! The one closed list of host calls: everything a guest can ask of the host (plugin contract §3).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Capability;

macro_rules! host_calls {
    ($($variant:ident = $text:literal, $capability:expr;)+) => {
        /// A host call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum HostCallName {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl HostCallName {
            /// Every host call, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name on the wire between guest and host.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The capability it needs; `None` for what every plugin may do with its own things.
            #[must_use]
            pub fn required_capability(self) -> Option<Capability> {
                match self { $(Self::$variant => $capability,)+ }
            }

            /// The call of this name.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

host_calls! {
    KvGet = "kv.get", None;
    KvSet = "kv.set", None;
    KvDelete = "kv.delete", None;
    KvList = "kv.list", None;
    DatabaseBatch = "db.batch", None;
    DatabaseExec = "db.exec", None;
    StorageGet = "storage.get", None;
    StoragePut = "storage.put", None;
    StorageDelete = "storage.delete", None;
    StorageExists = "storage.exists", None;
    StorageGetMany = "storage.getMany", None;
    StoragePutMany = "storage.putMany", None;
    StorageDeleteMany = "storage.deleteMany", None;
    StorageQuery = "storage.query", None;
    StorageCount = "storage.count", None;
    ContentGet = "content.get", Some(Capability::ContentRead);
    ContentList = "content.list", Some(Capability::ContentRead);
    ContentCreate = "content.create", Some(Capability::ContentWrite);
    ContentUpdate = "content.update", Some(Capability::ContentWrite);
    ContentDelete = "content.delete", Some(Capability::ContentWrite);
    ContentCreateMany = "content.createMany", Some(Capability::ContentWrite);
    ContentUpdateMany = "content.updateMany", Some(Capability::ContentWrite);
    ContentDeleteMany = "content.deleteMany", Some(Capability::ContentWrite);
    TaxonomiesGetAll = "taxonomies.getAll", Some(Capability::TaxonomiesRead);
    TaxonomiesGetTerms = "taxonomies.getTerms", Some(Capability::TaxonomiesRead);
    TaxonomiesGetEntryTerms = "taxonomies.getEntryTerms", Some(Capability::TaxonomiesRead);
    MediaGet = "media.get", Some(Capability::MediaRead);
    MediaList = "media.list", Some(Capability::MediaRead);
    MediaUpload = "media.upload", Some(Capability::MediaWrite);
    MediaDelete = "media.delete", Some(Capability::MediaWrite);
    UsersGet = "users.get", Some(Capability::UsersRead);
    UsersGetByEmail = "users.getByEmail", Some(Capability::UsersRead);
    UsersList = "users.list", Some(Capability::UsersRead);
    EmailSend = "email.send", Some(Capability::EmailSend);
    CronSchedule = "cron.schedule", None;
    CronCancel = "cron.cancel", None;
    CronList = "cron.list", None;
    SettingsGet = "settings.get", None;
    SettingsList = "settings.list", None;
    SettingsSet = "settings.set", None;
    SettingsDelete = "settings.delete", None;
    HttpFetch = "http.fetch", Some(Capability::NetworkRequest);
    Log = "log", None;
}

impl fmt::Display for HostCallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for HostCallName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::by_name(&name).ok_or_else(|| format!("\"{name}\" is not a host call"))
    }
}

impl From<HostCallName> for &'static str {
    fn from(call: HostCallName) -> Self {
        call.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_content_or_media_needs_the_writing_capability() {
        for call in HostCallName::ALL {
            assert_eq!(HostCallName::by_name(call.name()), Some(*call));
            let family = call.name().split('.').next().unwrap();
            let changes =
                ["create", "update", "delete", "upload"].iter().any(|verb| call.name().contains(verb));
            let expected = match (family, changes) {
                ("content", true) => Some(Capability::ContentWrite),
                ("media", true) => Some(Capability::MediaWrite),
                _ => continue,
            };
            assert_eq!(call.required_capability(), expected, "{call}");
        }
    }

    #[test]
    fn a_name_outside_the_list_is_not_a_host_call() {
        for name in ["", "kv", "KV.get", "kv.get ", "db.query", "env.get", "constructor"] {
            assert_eq!(HostCallName::by_name(name), None, "{name}");
        }
    }
}
