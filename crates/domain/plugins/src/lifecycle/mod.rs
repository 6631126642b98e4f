//! Installing, switching on and off, uninstalling, and what an administrator sees of it (plugin contract §7).

mod catalogue;
mod consent;
mod develop;
mod exchange;
mod info;
mod install;
mod marketplace;
mod moment;
mod releases;
mod requests;
mod rollback;
mod startup;
mod switch;
mod uninstall;
mod update;
mod watch;

use std::sync::Arc;

use emdash_manifest::{Bundle, BundleLimits};
use emdash_store::operations::AuditRecord;
use emdash_store::plugins::PluginState;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde::Serialize;
use serde_json::Value;

use crate::Consent;
use crate::access::Grants;
use crate::generation::LoadedPlugin;
use crate::host::Site;

pub use consent::UpdateConsent;
pub use develop::DevelopOutcome;
pub use info::{DatabaseInfo, HookInfo, LogLine, MigrationInfo, PluginHealth, PluginInfo, RouteInfo};
pub use releases::{CapabilityChanges, UpdateCheck};
pub use rollback::RollbackOutcome;
pub use update::{UpdateOutcome, UpdateRequest};

/// What to install from the marketplace.
#[derive(Clone, Debug, PartialEq)]
pub struct InstallRequest {
    /// Id in the marketplace.
    pub id: PluginId,
    /// Version; the latest where nothing is said.
    pub version: Option<String>,
    /// What was agreed to.
    pub consent: Consent,
    /// Whether its tools for MCP clients were agreed to apart, as upstream's dialogue does.
    pub confirm_mcp_tools: bool,
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

/// Refuses everybody but people and the program itself with the permission. A plugin never manages plugins.
pub(crate) fn require(caller: &Caller, permission: Permission) -> Result<()> {
    if matches!(caller, Caller::Plugin(_)) {
        return Err(Error::new(ErrorCode::Forbidden, "A plugin cannot manage plugins."));
    }
    caller.require(permission)
}

/// Runs a change to its end even when whoever asked for it goes away: half a change is none.
async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(change).await.map_err(Error::internal)?
}

/// Who acts, as records name it.
fn actor(caller: &Caller) -> String {
    match caller {
        Caller::User(user) => format!("user:{}", user.id),
        Caller::Plugin(plugin) => format!("plugin:{}", plugin.id),
        Caller::System | Caller::Anonymous => "system".to_owned(),
    }
}

fn unknown(id: &PluginId) -> Error {
    Error::not_found("Plugin", id)
}

impl Site {
    pub(crate) async fn state(&self, id: &PluginId) -> Result<PluginState> {
        let mut transaction = self.parts.store.read().await?;
        transaction.plugin_lookup(id).await?.ok_or_else(|| unknown(id))
    }

    /// Who did what to a plugin.
    pub(crate) fn audit(&self, caller: &Caller, action: &str, id: &PluginId, details: Value) -> AuditRecord {
        AuditRecord {
            id: self.parts.ambient.id(),
            at: self.parts.ambient.now(),
            actor: actor(caller),
            action: format!("plugin.{action}"),
            resource: format!("plugins/{id}"),
            details,
        }
    }

    /// Stores a state.
    async fn put_state(&self, state: &PluginState) -> Result<()> {
        let mut transaction = self.parts.store.write().await?;
        transaction.plugin_put(state).await?;
        transaction.commit().await
    }

    /// Stores a state and its audit record.
    async fn store_state(&self, state: &PluginState, audit: &AuditRecord) -> Result<()> {
        let mut transaction = self.parts.store.write().await?;
        transaction.plugin_put(state).await?;
        transaction.audit_add(audit).await?;
        transaction.commit().await
    }

    /// The installed bundle, checked again: what is in the blob store must be what was agreed to.
    pub(crate) async fn installed_bundle(&self, state: &PluginState) -> Result<Bundle> {
        let bytes = self.parts.blobs.get(&state.bundle_key).await?.ok_or_else(|| {
            Error::new(ErrorCode::InvalidBundle, "The installed bundle is missing. Install the plugin again.")
        })?;
        if Bundle::checksum(&bytes) != state.checksum {
            let message = "The installed bundle is not the one that was installed. Install the plugin again.";
            return Err(Error::new(ErrorCode::ChecksumMismatch, message));
        }
        Bundle::read(&bytes, &BundleLimits::STANDARD)
    }

    pub(crate) async fn load_installed(&self, state: &PluginState) -> Result<Arc<LoadedPlugin>> {
        let bundle = self.installed_bundle(state).await?;
        let evaluated = self.evaluate(bundle, granted(state)).await?;
        Ok(Arc::new(self.open(evaluated, state.installed_at).await?))
    }

    /// Makes a plugin live, or takes it out, and leaves the others as they are.
    fn replace(&self, id: &PluginId, with: Option<Arc<LoadedPlugin>>) {
        let generation = self.generation();
        let mut plugins = generation.plugins().to_vec();
        match (plugins.iter().position(|plugin| plugin.id == *id), with) {
            (Some(position), Some(plugin)) => {
                if let Some(place) = plugins.get_mut(position) {
                    *place = plugin;
                }
            }
            (Some(position), None) => drop(plugins.remove(position)),
            (None, Some(plugin)) => plugins.push(plugin),
            (None, None) => return,
        }
        self.go_live(plugins);
    }
}

/// What a stored state grants.
fn granted(state: &PluginState) -> Grants {
    Grants::stored(&state.granted_capabilities, &state.granted_hosts)
}
