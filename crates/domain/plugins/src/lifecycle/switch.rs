//! Switching on and off (plugin contract §7.4).

use std::sync::Arc;

use emdash_manifest::Hook;
use emdash_store::plugins::PluginStatus;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde_json::json;

use super::{PluginInfo, require, to_the_end};
use crate::PluginHost;
use crate::host::Site;

impl PluginHost {
    /// Switches a plugin on; no effect where it is on.
    ///
    /// # Errors
    /// `NOT_FOUND`; what its `plugin:activate` ran into, and it stays off.
    pub async fn enable(&self, caller: &Caller, id: &PluginId) -> Result<PluginInfo> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller, id) = (Arc::clone(&self.site), caller.clone(), id.clone());
        to_the_end(async move { site.enable(&caller, &id).await }).await
    }

    /// Switches a plugin off; its data is kept. No effect where it is off.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn disable(&self, caller: &Caller, id: &PluginId) -> Result<PluginInfo> {
        require(caller, Permission::PluginsManage)?;
        let (site, caller, id) = (Arc::clone(&self.site), caller.clone(), id.clone());
        to_the_end(async move { site.disable(&caller, &id).await }).await
    }
}

impl PluginHost {
    /// Says whether the plugin's tools are offered to MCP clients.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_STATE` where it has none.
    pub async fn offer_mcp_tools(&self, caller: &Caller, id: &PluginId, offered: bool) -> Result<PluginInfo> {
        require(caller, Permission::PluginsManage)?;
        let site = &self.site;
        let _changing = site.changing.lock().await;
        let mut state = site.state(id).await?;
        if offered && site.describe(&state).await.mcp_tools.is_empty() {
            let message = format!("{id} has no tools for MCP clients.");
            return Err(Error::new(ErrorCode::InvalidState, message));
        }
        state.mcp_tools_enabled = offered;
        let audit = site.audit(caller, "mcp", id, json!({"version": state.version, "enabled": offered}));
        site.store_state(&state, &audit).await?;
        Ok(site.describe(&state).await)
    }
}

impl Site {
    async fn enable(self: &Arc<Self>, caller: &Caller, id: &PluginId) -> Result<PluginInfo> {
        let _changing = self.changing.lock().await;
        let mut state = self.finish(self.state(id).await?).await?;
        if self.generation().plugin(id).is_none() {
            let plugin = self.load_installed(&state).await?;
            self.moments(&plugin, &[(Hook::PluginActivate, json!({}))], "activation").await?;
            state.status = PluginStatus::Active;
            state.activated_at = Some(self.parts.ambient.now());
            state.disabled_reason = None;
            let audit = self.audit(caller, "enable", id, json!({"version": state.version}));
            self.store_state(&state, &audit).await?;
            self.replace(id, Some(plugin));
        }
        Ok(self.describe(&state).await)
    }

    async fn disable(self: &Arc<Self>, caller: &Caller, id: &PluginId) -> Result<PluginInfo> {
        let _changing = self.changing.lock().await;
        let mut state = self.state(id).await?;
        if state.status == PluginStatus::Active {
            if let Some(plugin) = self.generation().plugin(id) {
                self.farewell(plugin, Hook::PluginDeactivate, json!({})).await;
            }
            state.status = PluginStatus::Inactive;
            state.deactivated_at = Some(self.parts.ambient.now());
            let audit = self.audit(caller, "disable", id, json!({"version": state.version}));
            self.store_state(&state, &audit).await?;
            self.replace(id, None);
        }
        Ok(self.describe(&state).await)
    }
}
