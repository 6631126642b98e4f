//! The one closed list of hooks (plugin contract §4.2; `scheduler:tick` and `admin:settings_panel` from A5).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Capability;

/// How the host calls a hook and what it does with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookMode {
    /// One plugin after another; each may replace the value or, where the hook allows it, cancel by `false`.
    Transform,
    /// One plugin after another; `false` forbids the operation.
    Veto,
    /// After the operation, off the request path; answers are ignored.
    Deferred,
    /// Every plugin is asked and the answers are gathered.
    Collect,
    /// One named plugin is called about itself.
    Single,
    /// Exactly one selected plugin is called.
    Exclusive,
    /// May be declared, is never called in a sandbox.
    NeverSandboxed,
}

macro_rules! hooks {
    ($($variant:ident = $text:literal | $snake:literal, $mode:ident, $capability:expr;)+) => {
        /// A point at which the host calls plugins.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Hook {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl Hook {
            /// Every hook, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The canonical name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The same in snake case, as `plugin.json` spells it (A5, ruling 15).
            #[must_use]
            pub fn snake_name(self) -> &'static str {
                match self { $(Self::$variant => $snake,)+ }
            }

            /// How it is called.
            #[must_use]
            pub fn mode(self) -> HookMode {
                match self { $(Self::$variant => HookMode::$mode,)+ }
            }

            /// The capability the contract asks of a plugin that registers it.
            #[must_use]
            pub fn required_capability(self) -> Option<Capability> {
                match self { $(Self::$variant => $capability,)+ }
            }
        }
    };
}

hooks! {
    PluginInstall = "plugin:install" | "plugin:install", Single, None;
    PluginActivate = "plugin:activate" | "plugin:activate", Single, None;
    PluginDeactivate = "plugin:deactivate" | "plugin:deactivate", Single, None;
    PluginUninstall = "plugin:uninstall" | "plugin:uninstall", Single, None;
    ContentBeforeSave = "content:beforeSave" | "content:before_save", Transform, Some(Capability::ContentWrite);
    ContentAfterSave = "content:afterSave" | "content:after_save", Deferred, Some(Capability::ContentRead);
    ContentBeforeDelete = "content:beforeDelete" | "content:before_delete", Veto, Some(Capability::ContentRead);
    ContentAfterDelete = "content:afterDelete" | "content:after_delete", Deferred, Some(Capability::ContentRead);
    ContentAfterPublish = "content:afterPublish" | "content:after_publish", Deferred, Some(Capability::ContentRead);
    ContentAfterUnpublish = "content:afterUnpublish" | "content:after_unpublish", Deferred, Some(Capability::ContentRead);
    ContentAfterRestore = "content:afterRestore" | "content:after_restore", Deferred, Some(Capability::ContentRead);
    ContentAfterSchedule = "content:afterSchedule" | "content:after_schedule", Deferred, Some(Capability::ContentRead);
    ContentAfterUnschedule = "content:afterUnschedule" | "content:after_unschedule", Deferred, Some(Capability::ContentRead);
    MediaBeforeUpload = "media:beforeUpload" | "media:before_upload", Transform, Some(Capability::MediaWrite);
    MediaAfterUpload = "media:afterUpload" | "media:after_upload", Deferred, Some(Capability::MediaRead);
    Cron = "cron" | "cron", Single, None;
    EmailBeforeSend = "email:beforeSend" | "email:before_send", Transform, Some(Capability::EmailEventsRegister);
    EmailDeliver = "email:deliver" | "email:deliver", Exclusive, Some(Capability::EmailTransportRegister);
    EmailAfterSend = "email:afterSend" | "email:after_send", Deferred, Some(Capability::EmailEventsRegister);
    CommentBeforeCreate = "comment:beforeCreate" | "comment:before_create", Transform, Some(Capability::UsersRead);
    CommentModerate = "comment:moderate" | "comment:moderate", Exclusive, Some(Capability::UsersRead);
    CommentAfterCreate = "comment:afterCreate" | "comment:after_create", Deferred, Some(Capability::UsersRead);
    CommentAfterModerate = "comment:afterModerate" | "comment:after_moderate", Deferred, Some(Capability::UsersRead);
    PageMetadata = "page:metadata" | "page:metadata", Collect, None;
    PageFragments = "page:fragments" | "page:fragments", NeverSandboxed, Some(Capability::PageFragmentsRegister);
    SchedulerTick = "scheduler:tick" | "scheduler:tick", Single, None;
    AdminSettingsPanel = "admin:settingsPanel" | "admin:settings_panel", Single, None;
}

impl Hook {
    /// Whether nobody waits for it, so that it may take the time of a slow service outside (ruling 5).
    #[must_use]
    pub fn is_background(self) -> bool {
        matches!(self, Self::Cron | Self::SchedulerTick)
    }

    /// The hook of this name, in either spelling.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|hook| hook.name() == name || hook.snake_name() == name)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Hook {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::by_name(&name).ok_or_else(|| format!("\"{name}\" is not a hook"))
    }
}

impl From<Hook> for &'static str {
    fn from(hook: Hook) -> Self {
        hook.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_25_hooks_and_the_two_of_api_version_1_are_listed_once() {
        assert_eq!(Hook::ALL.len(), 27);
        for hook in Hook::ALL {
            assert_eq!(Hook::by_name(hook.name()), Some(*hook));
            assert_eq!(Hook::by_name(hook.snake_name()), Some(*hook));
        }
    }

    #[test]
    fn the_second_spelling_is_the_first_in_snake_case() {
        for hook in Hook::ALL {
            let snake: String = hook
                .name()
                .chars()
                .flat_map(|c| {
                    let underscore = c.is_ascii_uppercase().then_some('_');
                    underscore.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect();
            assert_eq!(hook.snake_name(), snake);
        }
    }
}
