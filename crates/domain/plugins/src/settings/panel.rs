//! `admin:settings_panel` (A5): the plugin draws its own panel, in Block Kit.

use std::sync::Arc;

use emdash_manifest::Hook;
use emdash_ports::runtime::GuestCall;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde_json::Value;

use crate::PluginHost;
use crate::session::{Answer, Running};

impl PluginHost {
    /// Asks a plugin for its settings panel: `interaction` is what the admin sends a plugin's page
    /// (plugin contract §6.1), the answer is Block Kit, as data.
    ///
    /// # Errors
    /// `NOT_FOUND` for a plugin that is not live or draws no panel; `HOOK_ERROR` where it fails.
    pub async fn settings_panel(&self, caller: &Caller, id: &PluginId, interaction: &Value) -> Result<Value> {
        crate::lifecycle::require(caller, Permission::PluginsManage)?;
        let generation = self.site.generation();
        let plugin = generation.plugin(id).ok_or_else(|| Error::not_found("Plugin", id))?;
        let hook = plugin.hook(Hook::AdminSettingsPanel).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, format!("The plugin {id} draws no settings panel."))
        })?;
        let call = GuestCall {
            target: hook.target,
            name: hook.name_in_module.clone(),
            input: interaction.to_string(),
            cpu: plugin.manifest.budgets.cpu,
            wall: hook.timeout,
        };
        let during = format!("hook {}", Hook::AdminSettingsPanel);
        let failed = |failure: crate::session::Failure| {
            let message = format!("The settings panel of {id} cannot be drawn: {}", failure.reason());
            Error::new(ErrorCode::HookError, message).details(failure.details(
                plugin,
                "hook",
                hook.hook.name(),
            ))
        };
        let mut running = Running::start(&self.site, &Arc::clone(plugin), &[]).await.map_err(failed)?;
        match running.call(&during, call).await.0.map_err(failed)? {
            Answer::Value(Some(json)) => serde_json::from_str(&json).map_err(Error::internal),
            Answer::Value(None) | Answer::Response(_) => Ok(Value::Null),
        }
    }
}
