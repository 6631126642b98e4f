//! Loading what somebody is working on into the running site (C35): the release comes as bytes, takes the place of
//! the one loaded before it, and leaves that one running where it fails.

use std::sync::Arc;

use bytes::Bytes;
use emdash_manifest::{Bundle, BundleLimits};
use emdash_store::plugins::{PluginState, PluginStatus};
use emdash_types::{Caller, Error, ErrorCode, Permission, Result};
use serde::Serialize;
use serde_json::json;

use super::exchange::Exchange;
use super::install::DEVELOPMENT;
use super::update::successor;
use super::{require, to_the_end};
use crate::{Consent, PluginHost};

/// What became of a bundle in the making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DevelopOutcome {
    /// Id.
    pub plugin_id: emdash_types::PluginId,
    /// Version.
    pub version: String,
    /// Whether anything changed; the same bytes again do nothing.
    pub changed: bool,
}

impl PluginHost {
    /// Loads a bundle in the making; everything it asks for is granted.
    ///
    /// # Errors
    /// `FORBIDDEN` where the server is not started for development; `ALREADY_INSTALLED` where the id belongs to a
    /// plugin that was installed; what the bundle ran into, and the one before it goes on.
    pub async fn develop(&self, caller: &Caller, bytes: Bytes) -> Result<DevelopOutcome> {
        require(caller, Permission::PluginsManage)?;
        let site = Arc::clone(&self.site);
        if !site.parts.development {
            return Err(Error::new(ErrorCode::Forbidden, "This server does not load plugins in the making.")
                .hint("Start it with `emdash serve --dev`, or let `emdash plugin dev DIR --data DIR` start one."));
        }
        let bundle = Bundle::read(&bytes, &BundleLimits::STANDARD)?;
        let id = bundle.manifest.id.clone();
        let version = bundle.manifest.version.to_string();
        let present = site.parts.store.read().await?.plugin_lookup(&id).await?;
        if present.is_none() {
            self.take_in_bundle(caller, bytes, Consent::Everything, DEVELOPMENT).await?;
            return Ok(DevelopOutcome { plugin_id: id, version, changed: true });
        }
        let caller = caller.clone();
        to_the_end(async move {
            let _changing = site.changing.lock().await;
            let before = site.state(&id).await?;
            refuse_installed(&before)?;
            let changed = before.checksum != bundle.checksum;
            if changed {
                let mut after = successor(&before, &bundle);
                after.status = PluginStatus::Active;
                after.disabled_reason = None;
                after.display_name = Some(bundle.manifest.display_name().to_owned());
                after.description = bundle.manifest.description.clone();
                let details = json!({"version": version, "checksum": after.checksum, "development": true});
                let exchange =
                    Exchange { caller: &caller, before, after, bundle, bytes, details, probation: false };
                site.exchange(exchange).await?;
            }
            Ok(DevelopOutcome { plugin_id: id, version, changed })
        })
        .await
    }
}

fn refuse_installed(state: &PluginState) -> Result<()> {
    if state.source == DEVELOPMENT {
        return Ok(());
    }
    let message = format!("{} is installed on this site, in version {}.", state.id, state.version);
    Err(Error::new(ErrorCode::AlreadyInstalled, message)
        .hint("Develop on a site of its own, or uninstall it first; its data is kept."))
}
