//! Recorded calls of plugins.

use async_trait::async_trait;
use emdash_types::{CallId, PluginId, Result, Timestamp};

/// A recorded call of a plugin: what is known of it, and the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedCall {
    /// Id.
    pub id: CallId,
    /// The plugin.
    pub plugin_id: PluginId,
    /// Its version.
    pub version: String,
    /// The first hook or route, `hook content:beforeSave`.
    pub during: String,
    /// The code of what went wrong, where something did.
    pub error: Option<String>,
    /// When the instance was made.
    pub at: Timestamp,
    /// The recording, JSON text; its shape is the runtime's.
    pub recording: String,
}

/// Recorded calls on one site.
#[async_trait]
pub trait RecordedCallRepository {
    /// Keeps one, and of its plugin the newest `keep` in all.
    async fn recorded_call_add(&mut self, call: &RecordedCall, keep: u32) -> Result<()>;

    /// By id.
    async fn recorded_call_lookup(&mut self, id: &CallId) -> Result<Option<RecordedCall>>;

    /// The newest `limit`, of one plugin or of all, without their recordings.
    async fn recorded_call_list(
        &mut self,
        plugin: Option<&PluginId>,
        limit: u32,
    ) -> Result<Vec<RecordedCall>>;

    /// Forgets those of a plugin.
    async fn recorded_call_delete_of(&mut self, plugin: &PluginId) -> Result<()>;
}
