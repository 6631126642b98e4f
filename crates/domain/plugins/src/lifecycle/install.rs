//! Installing (plugin contract §7.3).

use std::sync::Arc;

use bytes::Bytes;
use emdash_manifest::{Bundle, BundleLimits, CapabilitySet};
use emdash_store::plugins::{PluginState, PluginStatus};
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde_json::json;

use super::marketplace::Marketplace;
use super::{InstallOutcome, InstallRequest, consent, granted, moment, require, to_the_end};
use crate::access::{Access, Grants};
use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::{Consent, PluginHost};

/// Source of a plugin that came from the marketplace.
pub(super) const MARKETPLACE: &str = "marketplace";
/// Source of a plugin whose bundle was handed over.
const BUNDLE: &str = "bundle";

/// Source of a plugin that is being worked on.
pub(super) const DEVELOPMENT: &str = "development";

/// A checked bundle on its way in.
struct Arrival {
    bundle: Bundle,
    bytes: Bytes,
    source: &'static str,
    name: String,
    description: Option<String>,
    /// How its access was agreed to.
    consent: &'static str,
}

impl PluginHost {
    /// Installs from the marketplace and switches on. Nothing is left behind where any step fails.
    ///
    /// # Errors
    /// `MARKETPLACE_NOT_CONFIGURED`, `ALREADY_INSTALLED`, `NO_VERSION`, `AUDIT_FAILED`, `CHECKSUM_MISMATCH`,
    /// `CONSENT_REQUIRED` with what is asked for, and what the bundle or the plugin itself ran into.
    pub async fn install(&self, caller: &Caller, request: InstallRequest) -> Result<InstallOutcome> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller) = (Arc::clone(&self.site), caller.clone());
        to_the_end(async move {
            let arrival = site.fetch(&caller, &request).await?;
            let outcome = site.take_in(&caller, arrival).await?;
            site.report_install(&request.id, &outcome.version);
            Ok(outcome)
        })
        .await
    }

    /// Installs a bundle that is at hand and switches it on.
    ///
    /// # Errors
    /// As [`PluginHost::install`].
    pub async fn install_bundle(
        &self,
        caller: &Caller,
        bundle: Bytes,
        consent: Consent,
    ) -> Result<InstallOutcome> {
        self.take_in_bundle(caller, bundle, consent, BUNDLE).await
    }

    pub(super) async fn take_in_bundle(
        &self,
        caller: &Caller,
        bundle: Bytes,
        consent: Consent,
        source: &'static str,
    ) -> Result<InstallOutcome> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller) = (Arc::clone(&self.site), caller.clone());
        to_the_end(async move {
            let read = Bundle::read(&bundle, &BundleLimits::STANDARD)?;
            site.refuse_installed(&read.manifest.id).await?;
            let agreed = consent::check(&caller, &consent, false, None, &read.manifest)?;
            let arrival = Arrival {
                source,
                name: read.manifest.display_name().to_owned(),
                description: read.manifest.description.clone(),
                bundle: read,
                bytes: bundle,
                consent: agreed,
            };
            site.take_in(&caller, arrival).await
        })
        .await
    }
}

impl Site {
    /// Tells the marketplace of an installation or an update. Nobody waits for it.
    pub(super) fn report_install(self: &Arc<Self>, id: &PluginId, version: &str) {
        let (site, id, version) = (Arc::clone(self), id.clone(), version.to_owned());
        tokio::spawn(async move {
            if let Ok(marketplace) = Marketplace::of(&site) {
                marketplace.report_install(&id, &version).await;
            }
        });
    }

    async fn fetch(&self, caller: &Caller, request: &InstallRequest) -> Result<Arrival> {
        let id = &request.id;
        let marketplace = Marketplace::of(self)?;
        self.refuse_installed(id).await?;
        let listed = marketplace.find(id, request.version.as_deref()).await?;
        let bytes = marketplace.bundle(id, &listed).await?;
        let bundle = Bundle::read(&bytes, &BundleLimits::STANDARD)?;
        check_identity(&bundle, id, &listed.version)?;
        let shown: &CapabilitySet = &listed.capabilities;
        let tools = request.confirm_mcp_tools;
        let consent = consent::check(caller, &request.consent, tools, Some(shown), &bundle.manifest)?;
        let description = listed.description.or_else(|| bundle.manifest.description.clone());
        Ok(Arrival { bundle, bytes, source: MARKETPLACE, name: listed.name, description, consent })
    }

    pub(super) async fn refuse_installed(&self, id: &PluginId) -> Result<()> {
        let mut transaction = self.parts.store.read().await?;
        match transaction.plugin_lookup(id).await? {
            Some(state) => {
                let message = format!("{id} is installed already, in version {}.", state.version);
                Err(Error::new(ErrorCode::AlreadyInstalled, message))
            }
            None => Ok(()),
        }
    }

    /// Brings a bundle in: kept, evaluated, its own part done, then one transaction and one new generation.
    async fn take_in(self: &Arc<Self>, caller: &Caller, arrival: Arrival) -> Result<InstallOutcome> {
        let _changing = self.changing.lock().await;
        let id = arrival.bundle.manifest.id.clone();
        self.refuse_installed(&id).await?;
        let had_data = self.parts.data.exists(&id)?;
        let state = self.state_of(&arrival);
        match self.try_take_in(caller, arrival, &state).await {
            Ok(plugin) => {
                self.replace(&id, Some(plugin));
                Ok(InstallOutcome {
                    plugin_id: id,
                    version: state.version,
                    capabilities: state.granted_capabilities,
                })
            }
            Err(error) => {
                self.clean_up(&state, had_data).await;
                Err(error)
            }
        }
    }

    async fn try_take_in(
        self: &Arc<Self>,
        caller: &Caller,
        arrival: Arrival,
        state: &PluginState,
    ) -> Result<Arc<LoadedPlugin>> {
        self.parts.blobs.put(&state.bundle_key, arrival.bytes).await?;
        let details = json!({
            "version": state.version,
            "checksum": state.checksum,
            "access": Access::asked_by(&arrival.bundle.manifest),
            "consent": arrival.consent,
        });
        let evaluated = self.evaluate(arrival.bundle, granted(state)).await?;
        let plugin = Arc::new(self.open(evaluated, state.installed_at).await?);
        self.moments(&plugin, &moment::installation(), "install").await?;
        self.store_state(state, &self.audit(caller, "install", &state.id, details)).await?;
        Ok(plugin)
    }

    fn state_of(&self, arrival: &Arrival) -> PluginState {
        let manifest = &arrival.bundle.manifest;
        let granted = Grants::asked_by(manifest);
        let now = self.parts.ambient.now();
        PluginState {
            id: manifest.id.clone(),
            version: manifest.version.to_string(),
            status: PluginStatus::Active,
            source: arrival.source.to_owned(),
            display_name: Some(arrival.name.clone()),
            description: arrival.description.clone(),
            bundle_key: bundle_key(&arrival.bundle),
            checksum: arrival.bundle.checksum.clone(),
            granted_capabilities: granted.capability_names(),
            granted_hosts: granted.host_names(),
            disabled_reason: None,
            installed_at: now,
            activated_at: Some(now),
            deactivated_at: None,
            mcp_tools_enabled: false,
            previous: None,
            unfinished: None,
            rollback_reason: None,
        }
    }

    async fn forget_tasks(&self, id: &PluginId) -> Result<()> {
        let mut transaction = self.parts.store.write().await?;
        transaction.cron_forget(id).await?;
        transaction.commit().await
    }

    /// After a failed installation: no bundle, no tasks, and no data unless an earlier installation left some.
    async fn clean_up(&self, state: &PluginState, had_data: bool) {
        if let Err(error) = self.parts.blobs.delete(&state.bundle_key).await {
            tracing::warn!(plugin = %state.id, %error, "the bundle of a failed installation stays behind");
        }
        if let Err(error) = self.forget_tasks(&state.id).await {
            tracing::warn!(plugin = %state.id, %error, "the tasks of a failed installation stay behind");
        }
        if !had_data && let Err(error) = self.parts.data.delete(&state.id) {
            tracing::warn!(plugin = %state.id, %error, "the data of a failed installation stays behind");
        }
    }
}

/// Where a bundle is kept: by its content, so that two releases never share a place.
pub(super) fn bundle_key(bundle: &Bundle) -> String {
    format!("installed/{}/{}.tar.gz", bundle.manifest.id, bundle.checksum)
}

/// The marketplace delivered the plugin that was asked for.
pub(super) fn check_identity(bundle: &Bundle, id: &PluginId, version: &str) -> Result<()> {
    let manifest = &bundle.manifest;
    let code = match (manifest.id == *id, manifest.version.to_string() == version) {
        (true, true) => return Ok(()),
        (true, false) => ErrorCode::ManifestVersionMismatch,
        (false, _) => ErrorCode::ManifestMismatch,
    };
    Err(Error::new(code, format!("The bundle says it is {}, not {id}@{version}.", manifest.label())))
}
