//! What an administrator sees of a plugin (plugin contract §7.2).

use emdash_manifest::Manifest;
use emdash_ports::plugin_database::AppliedMigration;
use emdash_store::plugins::{PluginState, PluginStatus};
use emdash_types::{PluginId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::{self, HookAccess};
use crate::lifecycle::granted;

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

/// The database a plugin has for itself (A12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseInfo {
    /// `d1:<plugin>`.
    pub name: String,
    /// The migrations applied when the plugin was loaded.
    pub migrations: Vec<MigrationInfo>,
}

/// An applied migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MigrationInfo {
    /// File name.
    pub name: String,
    /// SHA-256 of the file, lower-case hex.
    pub hash: String,
    /// When.
    pub applied_at: Timestamp,
}

impl DatabaseInfo {
    /// Of a plugin's database.
    pub(super) fn of(plugin: &PluginId, applied: &[AppliedMigration]) -> Self {
        let migration = |one: &AppliedMigration| MigrationInfo {
            name: one.name.clone(),
            hash: one.hash.clone(),
            applied_at: Timestamp::from_millis(one.applied_at),
        };
        Self { name: format!("d1:{plugin}"), migrations: applied.iter().map(migration).collect() }
    }
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Counts the plugin's lines since the server started, from 1.
    pub number: u64,
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
    /// Capabilities and hooks it asks for that this host does not know: not granted, never called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsupported: Vec<String>,
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
    /// Why the site is not on the version it was brought to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_reason: Option<String>,
    /// The version one can go back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_version: Option<String>,
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
    /// Its own database, while it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseInfo>,
    /// Counts since the server started.
    pub health: PluginHealth,
}

/// Everything about a plugin. Without its manifest (the bundle is gone) only what the state says.
pub(super) fn of(state: &PluginState, manifest: Option<&Manifest>, health: PluginHealth) -> PluginInfo {
    let blank = PluginInfo {
        id: state.id.clone(),
        name: state.display_name.clone().unwrap_or_else(|| state.id.to_string()),
        version: state.version.clone(),
        enabled: state.status == PluginStatus::Active,
        status: state.status.as_str().to_owned(),
        source: state.source.clone(),
        sandboxed: true,
        marketplace_version: (state.source == super::install::MARKETPLACE).then(|| state.version.clone()),
        capabilities: state.granted_capabilities.clone(),
        allowed_hosts: state.granted_hosts.clone(),
        access: Vec::new(),
        unsupported: Vec::new(),
        hooks: Vec::new(),
        routes: Vec::new(),
        has_admin_pages: false,
        has_dashboard_widgets: false,
        has_hooks: false,
        has_settings: false,
        installed_at: state.installed_at,
        activated_at: state.activated_at,
        deactivated_at: state.deactivated_at,
        disabled_reason: state.disabled_reason.clone(),
        rollback_reason: state.rollback_reason.clone(),
        previous_version: state.previous.as_ref().map(|previous| previous.version.clone()),
        description: state.description.clone(),
        icon_url: (state.source == super::install::MARKETPLACE)
            .then(|| format!("/_emdash/api/admin/plugins/marketplace/{}/icon", state.id)),
        mcp_tools_enabled: state.mcp_tools_enabled,
        mcp_tools: Vec::new(),
        database: None,
        health,
    };
    let Some(manifest) = manifest else { return blank };
    PluginInfo {
        access: access::consent_lines(manifest),
        hooks: hooks(state, manifest),
        routes: routes(manifest),
        has_admin_pages: !manifest.admin.pages.is_empty(),
        has_dashboard_widgets: !manifest.admin.widgets.is_empty(),
        has_hooks: !manifest.hooks.is_empty(),
        has_settings: !manifest.admin.settings.is_empty(),
        unsupported: [&manifest.unsupported.capabilities[..], &manifest.unsupported.hooks].concat(),
        mcp_tools: manifest.mcp_tools.iter().map(tool).collect(),
        ..blank
    }
}

fn hooks(state: &PluginState, manifest: &Manifest) -> Vec<HookInfo> {
    let granted = granted(state).capabilities;
    let info = |hook: emdash_manifest::Hook| {
        let access = HookAccess::under(&granted, hook);
        let missing = hook.required_capability().filter(|_| access != HookAccess::Full);
        HookInfo {
            name: hook.name().to_owned(),
            access: access.name().to_owned(),
            missing_capability: missing.map(|capability| capability.name().to_owned()),
        }
    };
    manifest.hooks.iter().map(|declared| info(declared.hook)).collect()
}

fn routes(manifest: &Manifest) -> Vec<RouteInfo> {
    let default = emdash_types::Permission::PluginsManage;
    manifest
        .routes
        .iter()
        .map(|route| RouteInfo {
            name: route.name.clone(),
            public: route.public,
            permission: route.permission.unwrap_or(default).name().to_owned(),
        })
        .collect()
}

fn tool(tool: &emdash_manifest::McpTool) -> Value {
    json!({
        "name": tool.name,
        "description": tool.description,
        "route": tool.route,
        "permission": tool.permission.name(),
        "destructive": tool.destructive,
    })
}
