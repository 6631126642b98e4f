//! Updating from the marketplace (plugin contract §7.5).

use std::sync::Arc;

use emdash_manifest::{AccessDiff, Bundle, BundleLimits, Manifest};
use emdash_store::plugins::PluginState;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde::Serialize;
use serde_json::{Value, json};

use super::consent::{self, UpdateConsent};
use super::exchange::Exchange;
use super::install::{MARKETPLACE, bundle_key, check_identity};
use super::marketplace::Marketplace;
use super::{granted, require, to_the_end};
use crate::PluginHost;
use crate::access::Grants;
use crate::host::Site;

/// What to update.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateRequest {
    /// Which plugin.
    pub id: PluginId,
    /// Version; the latest where nothing is said.
    pub version: Option<String>,
    /// What was agreed to.
    pub consent: UpdateConsent,
}

/// A finished update (plugin contract §7.2).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateOutcome {
    /// Id.
    pub plugin_id: PluginId,
    /// The version that was there.
    pub old_version: String,
    /// The version that is there now.
    pub new_version: String,
    /// `capabilityChanges`, `hostChanges`, `routeVisibilityChanges`, `mcpToolChanges`.
    #[serde(flatten)]
    pub changes: Value,
}

impl PluginHost {
    /// Brings a plugin to another version of the marketplace. On or off, it stays so; where anything fails, the
    /// version that was there goes on, code and data.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ALREADY_UP_TO_DATE`, `NO_VERSION`, `AUDIT_FAILED`, `CHECKSUM_MISMATCH`; `CAPABILITY_ESCALATION`,
    /// `ROUTE_VISIBILITY_ESCALATION` or `MCP_TOOL_CONSENT_REQUIRED` where more is asked for than was agreed to; what the
    /// new version ran into.
    pub async fn update(&self, caller: &Caller, request: UpdateRequest) -> Result<UpdateOutcome> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller) = (Arc::clone(&self.site), caller.clone());
        to_the_end(async move { site.update(&caller, &request).await }).await
    }
}

impl Site {
    async fn update(self: &Arc<Self>, caller: &Caller, request: &UpdateRequest) -> Result<UpdateOutcome> {
        let id = &request.id;
        let seen = self.state(id).await?;
        let marketplace = Marketplace::of(self)?;
        refuse_foreign(&seen)?;
        let listed = marketplace.find(id, request.version.as_deref()).await?;
        if listed.version == seen.version {
            let message = format!("{id} is at version {} already.", seen.version);
            return Err(Error::new(ErrorCode::AlreadyUpToDate, message));
        }
        let bytes = marketplace.bundle(id, &listed).await?;
        let bundle = Bundle::read(&bytes, &BundleLimits::STANDARD)?;
        check_identity(&bundle, id, &listed.version)?;
        let old = self.agreed_manifest(&seen).await;
        let difference = AccessDiff::between(&old, &bundle.manifest);
        let agreed = consent::check_update(&request.consent, &difference, &old, &bundle.manifest)?;

        let changing = self.changing.lock().await;
        let before = self.finish(self.state(id).await?).await?;
        if before.checksum != seen.checksum || before.granted_capabilities != seen.granted_capabilities {
            let message = format!("{id} was changed meanwhile; look at it and try again.");
            return Err(Error::new(ErrorCode::Conflict, message));
        }
        let mut after = successor(&before, &bundle);
        after.display_name = Some(listed.name);
        after.description = listed.description.or_else(|| bundle.manifest.description.clone());
        if !difference.changed_mcp_tools.is_empty() {
            after.mcp_tools_enabled = false;
        }
        let changes = consent::changes(&difference);
        let details = json!({
            "from": before.version, "version": after.version, "checksum": after.checksum, "consent": agreed,
            "changes": changes,
        });
        let old_version = before.version.clone();
        let after = self
            .exchange(Exchange { caller, before, after, bundle, bytes, details, probation: true })
            .await?;
        drop(changing);
        self.report_install(id, &after.version);
        Ok(UpdateOutcome { plugin_id: id.clone(), old_version, new_version: after.version, changes })
    }

    /// What was agreed to when the installed release came in: its manifest, with the grants as they are. Of a bundle
    /// that cannot be read nothing counts as agreed to but the grants.
    pub(super) async fn agreed_manifest(&self, state: &PluginState) -> Manifest {
        let manifest = self.installed_bundle(state).await.ok().map(|bundle| bundle.manifest);
        granted(state).as_manifest(manifest, &state.id)
    }
}

/// A plugin of another source has other releases under the same name.
fn refuse_foreign(state: &PluginState) -> Result<()> {
    if state.source == MARKETPLACE {
        return Ok(());
    }
    let message = format!("{} did not come from the marketplace, so it is not updated from there.", state.id);
    Err(Error::new(ErrorCode::InvalidState, message)
        .hint("Uninstall it, keeping its data, and install it from the marketplace."))
}

/// The state of a plugin with another bundle; everything that bundle asks for is granted.
pub(super) fn successor(before: &PluginState, bundle: &Bundle) -> PluginState {
    let granted = Grants::asked_by(&bundle.manifest);
    PluginState {
        version: bundle.manifest.version.to_string(),
        bundle_key: bundle_key(bundle),
        checksum: bundle.checksum.clone(),
        granted_capabilities: granted.capability_names(),
        granted_hosts: granted.host_names(),
        ..before.clone()
    }
}
