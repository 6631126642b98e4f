//! Uninstalling (plugin contract §7.6).

use std::sync::Arc;

use emdash_manifest::Hook;
use emdash_store::plugins::PluginState;
use emdash_types::{Caller, Permission, PluginId, Result};
use serde_json::json;

use super::{require, to_the_end};
use crate::PluginHost;
use crate::generation::LoadedPlugin;
use crate::host::Site;

impl PluginHost {
    /// Uninstalls a plugin, with its data where wished; says whether the data was deleted. Data that is kept is
    /// found again when the plugin is installed anew.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn uninstall(&self, caller: &Caller, id: &PluginId, delete_data: bool) -> Result<bool> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller, id) = (Arc::clone(&self.site), caller.clone(), id.clone());
        to_the_end(async move { site.uninstall(&caller, &id, delete_data).await }).await
    }
}

impl Site {
    async fn uninstall(self: &Arc<Self>, caller: &Caller, id: &PluginId, delete_data: bool) -> Result<bool> {
        let _changing = self.changing.lock().await;
        let state = self.state(id).await?;
        let live = self.generation().plugin(id).cloned();
        if let Some(plugin) = &live {
            self.farewell(plugin, Hook::PluginDeactivate, json!({})).await;
        }
        if let Some(plugin) = self.to_say_goodbye(live, &state).await {
            self.farewell(&plugin, Hook::PluginUninstall, json!({"deleteData": delete_data})).await;
        }

        let details = json!({"version": state.version, "deleteData": delete_data});
        let audit = self.audit(caller, "uninstall", id, details);
        let mut transaction = self.parts.store.write().await?;
        transaction.plugin_delete(id).await?;
        transaction.cron_forget(id).await?;
        transaction.recorded_call_delete_of(id).await?;
        transaction.audit_add(&audit).await?;
        transaction.commit().await?;

        self.replace(id, None);
        self.discard_bundle(id, &state.bundle_key).await;
        if let Some(previous) = &state.previous {
            self.discard_release(&PluginState { previous: None, ..state.clone() }, previous).await;
        }
        if delete_data {
            self.parts.data.delete(id)?;
        }
        Ok(delete_data)
    }

    /// The plugin to run `plugin:uninstall` of; one that is off is loaded for it, if it can be and has such a hook.
    async fn to_say_goodbye(
        &self,
        live: Option<Arc<LoadedPlugin>>,
        state: &PluginState,
    ) -> Option<Arc<LoadedPlugin>> {
        if live.is_some() {
            return live;
        }
        let bundle = self.installed_bundle(state).await.ok()?;
        bundle.manifest.hook(Hook::PluginUninstall)?;
        match self.load_installed(state).await {
            Ok(plugin) => Some(plugin),
            Err(error) => {
                tracing::warn!(plugin = %state.id, %error, "plugin:uninstall is skipped");
                None
            }
        }
    }
}
