//! The plugin's own part in its life: `plugin:install`, `plugin:activate` and so on (plugin contract §7.3–§7.6).

use std::sync::Arc;

use emdash_manifest::Hook;
use emdash_ports::runtime::GuestCall;
use emdash_types::{Error, ErrorCode, Result};
use serde_json::{Value, json};

use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::session::{Failure, Running, stop_code};

impl Site {
    /// Runs hooks of one plugin in one instance, in order, up to the first that fails. `what` names the transition.
    ///
    /// # Errors
    /// `HOOK_ERROR` or the limit it ran into: `Plugin install failed: …`.
    pub(super) async fn moments(
        self: &Arc<Self>,
        plugin: &Arc<LoadedPlugin>,
        hooks: &[(Hook, Value)],
        what: &str,
    ) -> Result<()> {
        let mut running: Option<Running> = None;
        for (hook, event) in hooks {
            let Some(declared) = plugin.hook(*hook) else { continue };
            let fail = |failure: &Failure| failed(plugin, *hook, failure, what);
            let mut instance = match running.take() {
                Some(instance) => instance,
                None => Running::start_apart(self, plugin).await.map_err(|failure| fail(&failure))?,
            };
            let call = GuestCall {
                target: declared.target,
                name: declared.name_in_module.clone(),
                input: event.to_string(),
                cpu: plugin.manifest.budgets.cpu,
                wall: declared.timeout,
            };
            let (outcome, _) = instance.begin(&format!("hook {hook}"), call).await;
            instance.settle(declared.timeout).await;
            outcome.map_err(|failure| fail(&failure))?;
            running = Some(instance);
        }
        Ok(())
    }

    /// The same, where a failure does not keep the transition from happening: it is in the plugin's log.
    pub(super) async fn farewell(self: &Arc<Self>, plugin: &Arc<LoadedPlugin>, hook: Hook, event: Value) {
        if let Err(error) = self.moments(plugin, &[(hook, event)], "farewell").await {
            tracing::warn!(plugin = %plugin.label(), %hook, %error, "the plugin's own part failed");
        }
    }
}

/// `plugin:install`, then `plugin:activate`.
pub(super) fn installation() -> [(Hook, Value); 2] {
    [(Hook::PluginInstall, json!({})), (Hook::PluginActivate, json!({}))]
}

fn failed(plugin: &LoadedPlugin, hook: Hook, failure: &Failure, what: &str) -> Error {
    let code = match failure {
        Failure::Threw(_) => ErrorCode::HookError,
        Failure::Stopped(stop) => stop_code(stop),
        Failure::Output(_) => ErrorCode::PluginOutputInvalid,
        Failure::Host(error) => error.code(),
    };
    Error::new(code, format!("Plugin {what} failed: {}", failure.reason())).details(failure.details(
        plugin,
        "hook",
        hook.name(),
    ))
}
