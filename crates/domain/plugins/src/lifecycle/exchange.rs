//! Putting another release in the place of the one that is there, code and data together (plugin contract §7.5).
//!
//! Written down first, then done: before anything of the data is touched, the state row says which copy of the data
//! belongs to the release it names ([`UnfinishedChange`]). Whoever dies in between leaves a row that is right and a copy to go
//! back to; the next start, or the failure itself, goes back.

use std::sync::Arc;

use bytes::Bytes;
use emdash_manifest::{Bundle, Hook};
use emdash_ports::plugin_data::DataSnapshot;
use emdash_store::plugins::{PluginState, PluginStatus, PreviousRelease, UnfinishedChange};
use emdash_types::{Caller, Error, PluginId, Result};
use serde_json::{Value, json};

use crate::access::Grants;
use crate::generation::{LoadedPlugin, Probation};
use crate::host::Site;
use crate::session::{Failure, Running};

/// A release on its way into the place of another.
pub(super) struct Exchange<'a> {
    pub(super) caller: &'a Caller,
    /// What is there.
    pub(super) before: PluginState,
    /// What is to be there.
    pub(super) after: PluginState,
    pub(super) bundle: Bundle,
    pub(super) bytes: Bytes,
    /// For the audit record.
    pub(super) details: Value,
    /// Whether its first calls are watched.
    pub(super) probation: bool,
}

impl Site {
    /// Exchanges one release for another. The caller holds [`Site::changing`].
    ///
    /// The new module is evaluated first; then new calls of the plugin wait, those under way end, its data is copied,
    /// and the new release opens the data and runs its part. All of that done, one transaction and one generation make
    /// it the live one. Otherwise everything is as it was, with the reason in the state.
    ///
    /// # Errors
    /// What the new release ran into.
    pub(super) async fn exchange(self: &Arc<Self>, exchange: Exchange<'_>) -> Result<PluginState> {
        let Exchange { caller, before, after, bundle, bytes, details, probation } = exchange;
        let granted = Grants::stored(&after.granted_capabilities, &after.granted_hosts);
        let evaluated = match self.evaluate(bundle, granted).await {
            Ok(evaluated) => evaluated,
            Err(error) => return Err(self.note_failure(before, &after.version, error).await),
        };
        let door = self.close_door(&before.id).await;
        let snapshot = self.copy_data(&before.id).await?;
        let version = after.version.clone();
        let begun = self.begin_exchange(&before, &after, &snapshot).await?;
        let kept = async {
            self.parts.blobs.put(&after.bundle_key, bytes).await?;
            let mut plugin = self.open(evaluated, after.installed_at).await?;
            plugin.probation = probation.then(|| Probation::new(self.parts.ambient.now()));
            let plugin = Arc::new(plugin);
            self.bring_up(&plugin, &before, &after).await?;
            let after = self.settle(caller, &before, after.clone(), &snapshot, details).await?;
            Ok((plugin, after))
        };
        match kept.await {
            Ok((plugin, after)) => {
                let live = after.status == PluginStatus::Active;
                self.replace(&after.id, live.then_some(plugin));
                drop(door);
                if let Some(older) = &before.previous {
                    self.discard_release(&after, older).await;
                }
                Ok(after)
            }
            Err(error) => {
                let error = self.undo(begun, &version, error).await;
                drop(door);
                Err(error)
            }
        }
    }

    /// Keeps new calls of a plugin waiting, once those under way have ended or have had their time.
    pub(super) async fn close_door(&self, id: &PluginId) -> Option<impl Sized + use<>> {
        let door = self.meters(id).close().await;
        if door.is_none() {
            tracing::warn!(plugin = %id, "calls under way have not ended; the exchange does not wait for them");
        }
        door
    }

    async fn begin_exchange(
        &self,
        before: &PluginState,
        after: &PluginState,
        snapshot: &DataSnapshot,
    ) -> Result<PluginState> {
        let begun = PluginState {
            unfinished: Some(UnfinishedChange {
                snapshot: snapshot.as_str().to_owned(),
                discard_bundle: after.bundle_key.clone(),
            }),
            rollback_reason: Some(format!(
                "Bringing it to version {} was broken off; nothing was changed.",
                after.version
            )),
            ..before.clone()
        };
        match self.put_state(&begun).await {
            Ok(()) => Ok(begun),
            Err(error) => {
                self.discard_copy(&before.id, snapshot);
                Err(error)
            }
        }
    }

    /// The new release's own part. It starts at all, whether or not it has one.
    async fn bring_up(
        self: &Arc<Self>,
        plugin: &Arc<LoadedPlugin>,
        before: &PluginState,
        after: &PluginState,
    ) -> Result<()> {
        drop(Running::start_apart(self, plugin).await.map_err(Failure::into_error)?);
        if after.status != PluginStatus::Active {
            return Ok(());
        }
        let event = json!({"previousVersion": before.version});
        self.moments(plugin, &[(Hook::PluginActivate, event)], "update").await
    }

    /// Writes down that the new release is the right one, and what it replaced.
    async fn settle(
        &self,
        caller: &Caller,
        before: &PluginState,
        mut after: PluginState,
        snapshot: &DataSnapshot,
        details: Value,
    ) -> Result<PluginState> {
        after.unfinished = None;
        after.rollback_reason = None;
        after.previous = Some(PreviousRelease {
            version: before.version.clone(),
            bundle_key: before.bundle_key.clone(),
            checksum: before.checksum.clone(),
            granted_capabilities: before.granted_capabilities.clone(),
            granted_hosts: before.granted_hosts.clone(),
            snapshot: snapshot.as_str().to_owned(),
            replaced_at: self.parts.ambient.now(),
        });
        self.store_state(&after, &self.audit(caller, "update", &after.id, details)).await?;
        Ok(after)
    }

    /// Goes back after a failure: data, bundle and state are as they were, with the reason.
    async fn undo(&self, begun: PluginState, version: &str, error: Error) -> Error {
        match self.finish(begun).await {
            Ok(state) => self.note_failure(state, version, error).await,
            Err(fault) => {
                tracing::error!(%fault, "a failed update could not be undone; the next start does it");
                error
            }
        }
    }

    /// Leaves the reason of a failed exchange where an administrator sees it.
    async fn note_failure(&self, mut state: PluginState, version: &str, error: Error) -> Error {
        let reason = format!("Version {version} could not take over: {}", error.message());
        tracing::warn!(plugin = %state.id, version = %state.version, "{reason}");
        let audit = self.audit(
            &Caller::System,
            "update_failed",
            &state.id,
            json!({"version": version, "reason": reason}),
        );
        state.rollback_reason = Some(reason);
        if let Err(fault) = self.store_state(&state, &audit).await {
            tracing::error!(plugin = %state.id, %fault, "the reason of a failed update cannot be kept");
        }
        error
    }

    /// Does what is left of a change that was begun: the data becomes that of the release the state names. May be
    /// done again.
    ///
    /// # Errors
    /// When the copy is gone, or data or database cannot be written.
    pub(super) async fn finish(&self, mut state: PluginState) -> Result<PluginState> {
        let Some(unfinished) = state.unfinished.take() else { return Ok(state) };
        let snapshot = DataSnapshot::parse(&unfinished.snapshot)?;
        self.restore_data(&state.id, &snapshot).await?;
        let needed = state.previous.as_ref().map(|previous| &previous.bundle_key);
        if unfinished.discard_bundle != state.bundle_key && needed != Some(&unfinished.discard_bundle) {
            self.discard_bundle(&state.id, &unfinished.discard_bundle).await;
        }
        self.put_state(&state).await?;
        self.discard_copy(&state.id, &snapshot);
        Ok(state)
    }

    /// Copies a plugin's data, off the threads that answer requests.
    async fn copy_data(&self, id: &PluginId) -> Result<DataSnapshot> {
        let (data, id) = (Arc::clone(&self.parts.data), id.clone());
        tokio::task::spawn_blocking(move || data.snapshot(&id)).await.map_err(Error::internal)?
    }

    async fn restore_data(&self, id: &PluginId, snapshot: &DataSnapshot) -> Result<()> {
        let (data, id, snapshot) = (Arc::clone(&self.parts.data), id.clone(), snapshot.clone());
        tokio::task::spawn_blocking(move || data.restore(&id, &snapshot)).await.map_err(Error::internal)?
    }

    fn discard_copy(&self, id: &PluginId, snapshot: &DataSnapshot) {
        if let Err(error) = self.parts.data.discard(id, snapshot) {
            tracing::warn!(plugin = %id, %error, "a copy of the plugin's data stays behind");
        }
    }

    pub(super) async fn discard_bundle(&self, id: &PluginId, key: &str) {
        if let Err(error) = self.parts.blobs.delete(key).await {
            tracing::warn!(plugin = %id, %error, "a bundle that is not needed any more stays behind");
        }
    }

    /// Forgets a release nobody can go back to any more.
    pub(super) async fn discard_release(&self, state: &PluginState, release: &PreviousRelease) {
        let needed = state.previous.as_ref().map(|previous| previous.bundle_key.as_str());
        if release.bundle_key != state.bundle_key && needed != Some(&release.bundle_key) {
            self.discard_bundle(&state.id, &release.bundle_key).await;
        }
        if let Ok(snapshot) = DataSnapshot::parse(&release.snapshot) {
            self.discard_copy(&state.id, &snapshot);
        }
    }
}
