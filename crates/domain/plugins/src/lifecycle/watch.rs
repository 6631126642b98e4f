//! Looking at plugins: what they are, what they were refused, what they said.

use emdash_store::plugins::{PluginState, Violation};
use emdash_types::{Caller, Permission, PluginId, Result};

use super::{LogLine, PluginInfo, info, require};
use crate::PluginHost;
use crate::host::Site;

impl PluginHost {
    /// Every installed plugin.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<PluginInfo>> {
        require(caller, Permission::PluginsRead)?;
        let states = self.site.parts.store.read().await?.plugin_list().await?;
        let mut list = Vec::with_capacity(states.len());
        for state in &states {
            list.push(self.site.describe(state).await);
        }
        Ok(list)
    }

    /// One installed plugin.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN`.
    pub async fn get(&self, caller: &Caller, id: &PluginId) -> Result<PluginInfo> {
        require(caller, Permission::PluginsRead)?;
        let state = self.site.state(id).await?;
        Ok(self.site.describe(&state).await)
    }

    /// The newest refusals (A33), of one plugin or of all.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn violations(
        &self,
        caller: &Caller,
        plugin: Option<&PluginId>,
        limit: u32,
    ) -> Result<Vec<Violation>> {
        require(caller, Permission::PluginsManage)?;
        self.site.flush_violations().await;
        self.site.parts.store.read().await?.violation_list(plugin, limit).await
    }

    /// The newest lines of a plugin's log since the server started, oldest first: those with a greater number than
    /// `after`.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn log(&self, caller: &Caller, plugin: &PluginId, after: u64) -> Result<Vec<LogLine>> {
        require(caller, Permission::PluginsManage)?;
        Ok(self.site.meters(plugin).lines(after))
    }
}

impl Site {
    /// Everything about a plugin; one that is off is read from its bundle.
    pub(super) async fn describe(&self, state: &PluginState) -> PluginInfo {
        let health = self.meters(&state.id).health();
        if let Some(plugin) = self.generation().plugin(&state.id) {
            let database = plugin.database.as_ref();
            let database = database.map(|own| info::DatabaseInfo::of(&state.id, &own.applied));
            return PluginInfo { database, ..info::of(state, Some(&plugin.manifest), health) };
        }
        match self.installed_bundle(state).await {
            Ok(bundle) => info::of(state, Some(&bundle.manifest), health),
            Err(error) => {
                tracing::warn!(plugin = %state.id, %error, "the installed bundle cannot be read");
                info::of(state, None, health)
            }
        }
    }
}
