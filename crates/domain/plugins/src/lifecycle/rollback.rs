//! Going back to the release before the last update, code and data together.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use emdash_store::plugins::{PluginState, PluginStatus, PreviousRelease, UnfinishedChange};
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde::Serialize;
use serde_json::json;

use super::{granted, require, to_the_end};
use crate::PluginHost;
use crate::generation::LoadedPlugin;
use crate::host::Site;

/// A finished rollback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackOutcome {
    /// Id.
    pub plugin_id: PluginId,
    /// The version that was there.
    pub old_version: String,
    /// The version that is there now.
    pub new_version: String,
    /// When it was replaced; what the plugin kept since is gone with the version that kept it.
    pub data_as_of: emdash_types::Timestamp,
}

impl PluginHost {
    /// Goes back to the version before the last update. On or off, the plugin stays so.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_STATE` where there is none to go back to; what loading it ran into.
    pub async fn roll_back(&self, caller: &Caller, id: &PluginId) -> Result<RollbackOutcome> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller, id) = (Arc::clone(&self.site), caller.clone(), id.clone());
        to_the_end(async move {
            let _changing = site.changing.lock().await;
            let state = site.state(&id).await?;
            site.roll_back(&caller, state, None).await
        })
        .await
    }
}

impl Site {
    /// Goes back because a release failed on probation. It may have been replaced meanwhile; then there is nothing
    /// to do.
    pub(crate) async fn give_way(self: Arc<Self>, plugin: &Arc<LoadedPlugin>, reason: String) {
        let _changing = self.changing.lock().await;
        if !self.generation().plugin(&plugin.id).is_some_and(|live| Arc::ptr_eq(live, plugin)) {
            return;
        }
        tracing::error!(plugin = %plugin.label(), "{reason}");
        let back = async {
            let state = self.state(&plugin.id).await?;
            self.roll_back(&Caller::System, state, Some(reason)).await
        };
        if let Err(error) = back.await {
            tracing::error!(plugin = %plugin.label(), %error, "the plugin cannot be taken back");
        }
    }

    /// The caller holds [`Site::changing`].
    async fn roll_back(
        self: &Arc<Self>,
        caller: &Caller,
        state: PluginState,
        reason: Option<String>,
    ) -> Result<RollbackOutcome> {
        let id = state.id.clone();
        let previous = state.previous.clone().ok_or_else(|| nothing_before(&id))?;
        let after = predecessor(&state, &previous, reason);
        let bundle = self.installed_bundle(&after).await?;
        let evaluated = self.evaluate(bundle, granted(&after)).await?;
        let door = self.close_door(&id).await;
        let details =
            json!({"from": state.version, "version": after.version, "reason": after.rollback_reason});
        // From here on the earlier release is the right one; what is left is done at the next start at the latest.
        self.store_state(&after, &self.audit(caller, "rollback", &id, details)).await?;
        if let Some(plugin) = self.generation().plugin(&id) {
            plugin.taken_back.store(true, Ordering::Release);
        }
        let live = after.status == PluginStatus::Active;
        let back = async {
            let after = self.finish(after.clone()).await?;
            self.open(evaluated, after.installed_at).await
        };
        match back.await {
            Ok(plugin) => self.replace(&id, live.then(|| Arc::new(plugin))),
            Err(error) => {
                self.replace(&id, None);
                self.switch_off(after, "It could not be taken back to the version before", &error).await?;
                return Err(error);
            }
        }
        drop(door);
        Ok(RollbackOutcome {
            plugin_id: id,
            old_version: state.version,
            new_version: previous.version,
            data_as_of: previous.replaced_at,
        })
    }
}

fn predecessor(state: &PluginState, previous: &PreviousRelease, reason: Option<String>) -> PluginState {
    PluginState {
        version: previous.version.clone(),
        bundle_key: previous.bundle_key.clone(),
        checksum: previous.checksum.clone(),
        granted_capabilities: previous.granted_capabilities.clone(),
        granted_hosts: previous.granted_hosts.clone(),
        previous: None,
        unfinished: Some(UnfinishedChange {
            snapshot: previous.snapshot.clone(),
            discard_bundle: state.bundle_key.clone(),
        }),
        rollback_reason: reason,
        ..state.clone()
    }
}

fn nothing_before(id: &PluginId) -> Error {
    Error::new(ErrorCode::InvalidState, format!("There is no earlier version of {id} to go back to."))
        .hint("The version before the last update is kept until the next one; nothing older.")
}
