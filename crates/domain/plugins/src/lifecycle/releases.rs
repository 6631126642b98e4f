//! What the marketplace has to say about what is installed: newer versions, and versions that must not run any more
//! (plugin contract §7.2; A46).

use std::sync::Arc;

use emdash_manifest::{Capability, CapabilitySet, Hook};
use emdash_store::plugins::{PluginState, PluginStatus};
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::json;

use super::install::MARKETPLACE;
use super::marketplace::Marketplace;
use super::{granted, require};
use crate::PluginHost;
use crate::host::Site;

/// Questions to the marketplace at once.
const AT_ONCE: usize = 4;

/// Whether there is another version of an installed plugin (plugin contract §7.2).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateCheck {
    /// Id.
    pub plugin_id: PluginId,
    /// Version that is there.
    pub installed: String,
    /// Latest version of the marketplace.
    pub latest: String,
    /// Whether they differ.
    pub has_update: bool,
    /// Whether the latest asks for other capabilities than are granted.
    pub has_capability_changes: bool,
    /// Which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capability_changes: Option<CapabilityChanges>,
    /// Always false: a marketplace lists no routes. The update itself compares them.
    pub has_route_visibility_changes: bool,
}

/// Capabilities one version asks for and the other does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CapabilityChanges {
    /// Only the new one.
    pub added: Vec<Capability>,
    /// Only the old one.
    pub removed: Vec<Capability>,
}

impl PluginHost {
    /// Asks the marketplace for newer versions of what came from it.
    ///
    /// # Errors
    /// `FORBIDDEN`, `MARKETPLACE_NOT_CONFIGURED`, `MARKETPLACE_UNAVAILABLE`.
    pub async fn updates(&self, caller: &Caller) -> Result<Vec<UpdateCheck>> {
        require(caller, Permission::PluginsRead)?;
        let site = &self.site;
        let marketplace = &Marketplace::of(site)?;
        let states = site.of_marketplace().await?;
        let checks = stream::iter(states).map(|state| async move {
            let latest = marketplace.latest(&state.id).await?;
            Ok::<_, Error>(latest.map(|(latest, asked)| check(&state, latest, &asked)))
        });
        checks.buffered(AT_ONCE).try_filter_map(|check| async move { Ok(check) }).try_collect().await
    }

    /// Asks the marketplace whether what runs may still run, and switches off what was withdrawn or failed a later
    /// review, with the reason; its data stays. Answers what was switched off. A marketplace that does not answer
    /// changes nothing.
    ///
    /// # Errors
    /// `MARKETPLACE_UNAVAILABLE`; when the database cannot be read or written.
    pub async fn check_releases(&self) -> Result<Vec<(PluginId, String)>> {
        let site = &self.site;
        let Ok(marketplace) = Marketplace::of(site) else { return Ok(Vec::new()) };
        let mut switched_off = Vec::new();
        for state in site.of_marketplace().await? {
            if state.status != PluginStatus::Active {
                continue;
            }
            if let Some(objection) = marketplace.objection(&state.id, &state.version).await?
                && let Some(reason) = site.withdraw(&state, &objection).await?
            {
                switched_off.push((state.id, reason));
            }
        }
        Ok(switched_off)
    }
}

impl Site {
    async fn of_marketplace(&self) -> Result<Vec<PluginState>> {
        let mut states = self.parts.store.read().await?.plugin_list().await?;
        states.retain(|state| state.source == MARKETPLACE);
        Ok(states)
    }

    /// Switches a release off, unless it was replaced or switched off meanwhile.
    async fn withdraw(self: &Arc<Self>, seen: &PluginState, objection: &str) -> Result<Option<String>> {
        let _changing = self.changing.lock().await;
        let state = self.state(&seen.id).await?;
        if state.checksum != seen.checksum || state.status != PluginStatus::Active {
            return Ok(None);
        }
        if let Some(plugin) = self.generation().plugin(&state.id) {
            self.farewell(plugin, Hook::PluginDeactivate, json!({})).await;
        }
        let (id, version) = (state.id.clone(), state.version.clone());
        let error = Error::new(ErrorCode::AuditFailed, format!("version {version} {objection}."));
        let reason = self.switch_off(state, "The marketplace does not stand by it any more", &error).await?;
        self.replace(&id, None);
        Ok(Some(reason))
    }
}

fn check(state: &PluginState, latest: String, asked: &CapabilitySet) -> UpdateCheck {
    let installed = granted(state).capabilities;
    let beyond = |of: &CapabilitySet, but: &CapabilitySet| {
        of.iter().filter(|capability| !but.contains(*capability)).collect::<Vec<_>>()
    };
    let changes = CapabilityChanges { added: beyond(asked, &installed), removed: beyond(&installed, asked) };
    let differs = changes != CapabilityChanges::default();
    UpdateCheck {
        plugin_id: state.id.clone(),
        has_update: latest != state.version,
        installed: state.version.clone(),
        latest,
        has_capability_changes: differs,
        capability_changes: differs.then_some(changes),
        has_route_visibility_changes: false,
    }
}
