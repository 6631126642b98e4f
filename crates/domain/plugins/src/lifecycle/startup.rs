//! Bringing the installed plugins to life when the server starts (plugin contract §7.8).

use emdash_store::plugins::{PluginState, PluginStatus};
use emdash_types::{Caller, Error, Result};
use serde_json::json;

use crate::PluginHost;
use crate::host::{LoadReport, Site};

impl PluginHost {
    /// Loads every active plugin. One that cannot be loaded is switched off with a visible reason; its data and
    /// the other plugins are not touched.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn load(&self) -> Result<LoadReport> {
        let site = &self.site;
        let _changing = site.changing.lock().await;
        site.load_recording_policy().await?;
        let states = site.parts.store.read().await?.plugin_list().await?;
        let mut report = LoadReport::default();
        let mut plugins = Vec::new();
        for state in states {
            let active = state.status == PluginStatus::Active;
            let state = match site.finish(state.clone()).await {
                Ok(state) if active => state,
                Ok(_) => continue,
                Err(error) => {
                    let reason = site.switch_off(state.clone(), NOT_LOADED, &error).await?;
                    report.disabled.push((state.id.to_string(), reason));
                    continue;
                }
            };
            match site.load_installed(&state).await {
                Ok(plugin) => {
                    report.loaded.push(plugin.label());
                    plugins.push(plugin);
                }
                Err(error) => {
                    let reason = site.switch_off(state.clone(), NOT_LOADED, &error).await?;
                    report.disabled.push((state.id.to_string(), reason));
                }
            }
        }
        site.go_live(plugins);
        Ok(report)
    }
}

const NOT_LOADED: &str = "It could not be loaded when the server started";

impl Site {
    /// Switches a plugin off because of an error, with a reason people see; its data stays. The caller takes it out of
    /// the live ones.
    pub(super) async fn switch_off(
        &self,
        mut state: PluginState,
        what: &str,
        error: &Error,
    ) -> Result<String> {
        let reason = format!("{what}: {}", error.message());
        tracing::error!(plugin = %state.id, version = %state.version, cause = ?error.cause(), "{reason}");
        state.status = PluginStatus::Inactive;
        state.deactivated_at = Some(self.parts.ambient.now());
        state.disabled_reason = Some(reason.clone());
        let details = json!({"version": state.version, "reason": reason});
        let audit = self.audit(&Caller::System, "disable", &state.id, details);
        self.store_state(&state, &audit).await?;
        Ok(reason)
    }
}
