//! What a site knows of its plugins: state, grants, violations, wishes (plugin contract §7.1, A33, B28).

mod call;
mod cron;
mod request;

use async_trait::async_trait;
use emdash_types::{PluginId, Result, Timestamp, ViolationId};
use serde::{Deserialize, Serialize};

pub use call::{RecordedCall, RecordedCallRepository};
pub use cron::{CronRepository, CronRun, CronTask, Lease};
pub use request::{PluginRequest, PluginRequestRepository, RequestStatus};

/// Whether an installed plugin takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginStatus {
    /// Hooks, routes and panels are live.
    Active,
    /// Installed and switched off; data kept.
    Inactive,
}

impl PluginStatus {
    /// The text in column and wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Inactive].into_iter().find(|status| status.as_str() == text)
    }
}

/// An installed plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginState {
    /// Id.
    pub id: PluginId,
    /// Installed version.
    pub version: String,
    /// Status.
    pub status: PluginStatus,
    /// `marketplace` or `registry`.
    pub source: String,
    /// Name for people.
    pub display_name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Key of the bundle in the blob store.
    pub bundle_key: String,
    /// SHA-256 of the bundle, lower-case hex.
    pub checksum: String,
    /// Canonical names of the granted capabilities.
    pub granted_capabilities: Vec<String>,
    /// Granted host patterns.
    pub granted_hosts: Vec<String>,
    /// Why it was switched off, where that was not a person's wish.
    pub disabled_reason: Option<String>,
    /// Installed at.
    pub installed_at: Timestamp,
    /// Last switched on at.
    pub activated_at: Option<Timestamp>,
    /// Last switched off at.
    pub deactivated_at: Option<Timestamp>,
    /// Whether its tools are offered to MCP clients.
    pub mcp_tools_enabled: bool,
    /// The release before this one, to go back to.
    pub previous: Option<PreviousRelease>,
    /// A change of code and data that has begun and is not done. Whoever finds it at a start undoes it.
    pub unfinished: Option<UnfinishedChange>,
    /// Why the site is not on the release it was brought to.
    pub rollback_reason: Option<String>,
}

/// What a plugin was before its last update. Kept until the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousRelease {
    /// Version.
    pub version: String,
    /// Key of the bundle in the blob store.
    pub bundle_key: String,
    /// SHA-256 of the bundle, lower-case hex.
    pub checksum: String,
    /// Canonical names of the capabilities it was granted.
    pub granted_capabilities: Vec<String>,
    /// Host patterns it was granted.
    pub granted_hosts: Vec<String>,
    /// Name of the copy of its data, taken when it was replaced.
    pub snapshot: String,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}

/// A change of code and data under way: the state row says which code is right, this says what else has to be done
/// so that the data is right too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnfinishedChange {
    /// Name of the copy of the data that belongs to the row's release.
    pub snapshot: String,
    /// Key of a bundle that is not needed any more.
    pub discard_bundle: String,
}

/// Installed plugins of one site.
#[async_trait]
pub trait PluginStateRepository {
    /// By id.
    async fn plugin_lookup(&mut self, id: &PluginId) -> Result<Option<PluginState>>;

    /// All, in the order of installation.
    async fn plugin_list(&mut self) -> Result<Vec<PluginState>>;

    /// Stores one, or replaces what is known of it.
    async fn plugin_put(&mut self, state: &PluginState) -> Result<()>;

    /// Forgets one.
    async fn plugin_delete(&mut self, id: &PluginId) -> Result<()>;
}

/// Something a plugin tried and was refused or stopped for (A33).
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Id.
    pub id: ViolationId,
    /// The plugin.
    pub plugin_id: PluginId,
    /// Its version.
    pub version: String,
    /// The hook or route that ran, `hook content:beforeSave`.
    pub during: String,
    /// Error code of the refusal.
    pub code: String,
    /// What was tried, the limit and the used value; untrusted text is shortened.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// Violations on one site.
#[async_trait]
pub trait ViolationRepository {
    /// Records one.
    async fn violation_add(&mut self, violation: &Violation) -> Result<()>;

    /// The newest `limit`, of one plugin or of all.
    async fn violation_list(&mut self, plugin: Option<&PluginId>, limit: u32) -> Result<Vec<Violation>>;

    /// How many there are per plugin and code.
    async fn violation_counts(&mut self) -> Result<Vec<(PluginId, String, u64)>>;
}
