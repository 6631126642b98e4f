//! Hooks nobody waits for, in an instance of their own (ruling 5, ruling 13).

use std::sync::Arc;
use std::time::Duration;

use emdash_ports::runtime::GuestCall;
use serde_json::Value;

use super::Running;
use crate::generation::{LoadedPlugin, PluginHook};
use crate::host::Site;

/// Time for what such a hook began and did not await.
const SETTLING: Duration = Duration::from_secs(30);

impl Site {
    /// Calls a hook with an event and lets the work end that it did not await.
    ///
    /// # Errors
    /// What went wrong, in words; it is in the plugin's log and counters.
    pub(crate) async fn call_in_background(
        self: &Arc<Self>,
        plugin: &Arc<LoadedPlugin>,
        hook: &PluginHook,
        event: &Value,
    ) -> Result<(), String> {
        let during = format!("hook {}", hook.hook);
        let mut running = Running::start(self, plugin, &[]).await.map_err(|failure| {
            let reason = failure.reason();
            tracing::warn!(plugin = %plugin.label(), during, "{reason}");
            plugin.meters.count_error(&during, &reason);
            reason
        })?;
        let call = GuestCall {
            target: hook.target,
            name: hook.name_in_module.clone(),
            input: event.to_string(),
            cpu: plugin.manifest.budgets.cpu,
            wall: hook.timeout,
        };
        let (outcome, _) = running.begin(&during, call).await;
        running.settle(SETTLING.min(hook.timeout)).await;
        outcome.map(drop).map_err(|failure| failure.reason())
    }
}
