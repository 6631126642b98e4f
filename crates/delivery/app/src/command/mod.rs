//! What each command of the binary does. A result prints itself for people and serialises for programs.

mod bundle;
mod dev;
mod doctor;
mod import;
mod init;
mod plugin;
mod plugin_calls;
mod plugin_result;
mod plugin_settings;
mod publish;
mod publisher;
mod token;

pub use bundle::{BundleResult, bundle};
pub use dev::{DevEvent, DevTarget, dev};
pub use doctor::{Diagnosis, Finding, doctor};
pub use import::{ImportOutcome, ImportProgress, ItemReport, import_wordpress};
pub use init::{InitInput, InitResult, init};
pub use plugin::{PluginCommand, PluginTarget, manage};
pub use plugin_calls::{
    CallsResult, PolicyResult, ReplayResult, ReplaySource, plugin_call_save, plugin_calls, plugin_recording,
    plugin_replay,
};
pub use plugin_result::ManageResult;
pub use plugin_settings::{SettingsEdit, SettingsResult, plugin_settings};
pub use publish::{PublishResult, publish};
pub use publisher::{PublisherResult, publisher_add};
pub use token::{TokenResult, token_create};
