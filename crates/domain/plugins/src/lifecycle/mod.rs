//! Installing, switching on and off, uninstalling, and what an administrator sees of it (plugin contract §7).

use emdash_store::plugins::Violation;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::{Consent, PluginHost};

/// What to install from the marketplace.
#[derive(Clone, Debug, PartialEq)]
pub struct InstallRequest {
    /// Id in the marketplace.
    pub id: PluginId,
    /// Version; the latest where nothing is said.
    pub version: Option<String>,
    /// What was agreed to.
    pub consent: Consent,
}

/// A finished installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallOutcome {
    /// Id.
    pub plugin_id: PluginId,
    /// Version.
    pub version: String,
    /// Canonical names of the granted capabilities.
    pub capabilities: Vec<String>,
}

/// A hook of a plugin, and what its grants make of it (decision 0004).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HookInfo {
    /// Canonical name.
    pub name: String,
    /// `full`, `observer`, `identity` or `skipped`.
    pub access: String,
    /// The capability that would give full access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_capability: Option<String>,
}

/// A route of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteInfo {
    /// Name.
    pub name: String,
    /// Whether it answers without sign-in.
    pub public: bool,
    /// What a caller needs otherwise.
    pub permission: String,
}

/// Counts since the server started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginHealth {
    /// Hook and route calls.
    pub calls: u64,
    /// Calls that threw or were stopped.
    pub errors: u64,
    /// CPU time of all calls, milliseconds.
    pub cpu_ms: u64,
    /// Refusals.
    pub violations: u64,
    /// Largest memory of a call, bytes.
    pub peak_memory_bytes: u64,
    /// The last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// A line of a plugin's log.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The hook or route that ran.
    pub during: String,
    /// The plugin's words.
    pub message: String,
    /// The plugin's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// A plugin as the admin shows it (plugin contract §7.2).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginInfo {
    /// Id.
    pub id: PluginId,
    /// Name for people.
    pub name: String,
    /// Installed version.
    pub version: String,
    /// Whether it is on.
    pub enabled: bool,
    /// `active` or `inactive`.
    pub status: String,
    /// Where it came from.
    pub source: String,
    /// Always true: no plugin runs outside the sandbox.
    pub sandboxed: bool,
    /// The version the marketplace delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplace_version: Option<String>,
    /// Granted capabilities.
    pub capabilities: Vec<String>,
    /// Granted hosts.
    pub allowed_hosts: Vec<String>,
    /// What the grants mean, one sentence each.
    pub access: Vec<String>,
    /// Hooks.
    pub hooks: Vec<HookInfo>,
    /// Routes.
    pub routes: Vec<RouteInfo>,
    /// Whether it has pages in the admin.
    pub has_admin_pages: bool,
    /// Whether it has widgets on the dashboard.
    pub has_dashboard_widgets: bool,
    /// Whether it answers hooks.
    pub has_hooks: bool,
    /// Whether it has a settings form.
    pub has_settings: bool,
    /// Installed at.
    pub installed_at: Timestamp,
    /// Last switched on at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
    /// Last switched off at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Timestamp>,
    /// Why it was switched off, where that was not a person's wish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its icon, through the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// Whether its tools are offered to MCP clients.
    pub mcp_tools_enabled: bool,
    /// Its tools.
    pub mcp_tools: Vec<Value>,
    /// Counts since the server started.
    pub health: PluginHealth,
}

fn not_yet<T>() -> Result<T> {
    Err(Error::new(ErrorCode::NotImplemented, "Plugins cannot be installed yet."))
}

impl PluginHost {
    /// Installs from the marketplace and switches on. Nothing is left behind where any step fails.
    ///
    /// # Errors
    /// `MARKETPLACE_NOT_CONFIGURED`, `ALREADY_INSTALLED`, `NO_VERSION`, `AUDIT_FAILED`, `CHECKSUM_MISMATCH`,
    /// `CONSENT_REQUIRED` with what is asked for, and what the bundle or the plugin itself ran into.
    pub async fn install(&self, _caller: &Caller, _request: InstallRequest) -> Result<InstallOutcome> {
        not_yet()
    }

    /// Installs a bundle that is at hand and switches it on.
    ///
    /// # Errors
    /// As [`PluginHost::install`].
    pub async fn install_bundle(
        &self,
        _caller: &Caller,
        _bundle: bytes::Bytes,
        _consent: Consent,
    ) -> Result<InstallOutcome> {
        not_yet()
    }

    /// Switches a plugin on; no effect where it is on.
    ///
    /// # Errors
    /// `NOT_FOUND`; what its `plugin:activate` ran into, and it stays off.
    pub async fn enable(&self, _caller: &Caller, _id: &PluginId) -> Result<PluginInfo> {
        not_yet()
    }

    /// Switches a plugin off; its data is kept.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn disable(&self, _caller: &Caller, _id: &PluginId) -> Result<PluginInfo> {
        not_yet()
    }

    /// Uninstalls a plugin, with its data where wished; says whether the data was deleted.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn uninstall(&self, _caller: &Caller, _id: &PluginId, _delete_data: bool) -> Result<bool> {
        not_yet()
    }

    /// Every installed plugin.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<PluginInfo>> {
        caller.require(Permission::PluginsRead)?;
        Ok(Vec::new())
    }

    /// One installed plugin.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN`.
    pub async fn get(&self, caller: &Caller, id: &PluginId) -> Result<PluginInfo> {
        caller.require(Permission::PluginsRead)?;
        Err(Error::not_found("Plugin", id))
    }

    /// The newest refusals (A33), of one plugin or of all.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn violations(
        &self,
        caller: &Caller,
        _plugin: Option<&PluginId>,
        _limit: u32,
    ) -> Result<Vec<Violation>> {
        caller.require(Permission::PluginsManage)?;
        Ok(Vec::new())
    }

    /// The newest lines of a plugin's log since the server started, oldest first.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn log(&self, caller: &Caller, _plugin: &PluginId) -> Result<Vec<LogLine>> {
        caller.require(Permission::PluginsManage)?;
        Ok(Vec::new())
    }
}
