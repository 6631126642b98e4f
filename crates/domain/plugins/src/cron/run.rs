//! One run of a task.

use emdash_manifest::Hook;
use emdash_store::plugins::{CronRun, CronTask};
use emdash_types::{Result, Timestamp};
use serde_json::{Value, json};

use super::{Schedule, TICK};
use crate::PluginHost;

/// A task runs again after this time at the earliest, whatever its seconds say.
const SPACING_MILLIS: i64 = 10_000;
/// A one-shot that fails is tried again so often (plugin contract §4.8).
const RETRIES: u32 = 5;
/// Delay before the first of these; it doubles.
const RETRY_MILLIS: i64 = 60_000;

impl PluginHost {
    /// Runs a claimed task and settles it. A failure is kept with the task and in the plugin's counters.
    ///
    /// # Errors
    /// When the end of the run cannot be recorded; then the task runs again when the claim is over.
    pub async fn cron_run(&self, task: &CronTask) -> Result<()> {
        let Some(plugin) = self.site.generation().plugin(&task.plugin_id).cloned() else {
            // Switched off since it was claimed: it rests, and the claim runs out.
            return Ok(());
        };
        let at = self.site.parts.ambient.now();
        let (hook, event) = event(task);
        let error = match plugin.hook(hook) {
            Some(hook) => self.site.call_in_background(&plugin, hook, &event).await.err(),
            None => Some(format!("The plugin answers no {hook} hook.")),
        };
        let now = self.site.parts.ambient.now();
        let next = next(task, at, now, error.is_some());
        let mut transaction = self.site.parts.store.write().await?;
        transaction.cron_settle(task, &CronRun { at, error, next }).await?;
        transaction.commit().await
    }
}

/// The hook a task calls, and its event. How often a one-shot was tried before stands beside the plugin's own data.
fn event(task: &CronTask) -> (Hook, Value) {
    if task.name == TICK {
        return (Hook::SchedulerTick, json!({"scheduledAt": task.next_run_at}));
    }
    let mut event = json!({"name": task.name, "scheduledAt": task.next_run_at});
    let mut data = task.data.clone();
    if task.one_shot && task.failures > 0 {
        let members = data.get_or_insert_with(|| json!({}));
        members["__emdash"] = json!({"retryCount": task.failures});
    }
    if let Some(data) = data {
        event["data"] = data;
    }
    (Hook::Cron, event)
}

/// When a task is due again that ran from one instant to another; `None` where it is done with.
fn next(task: &CronTask, began: Timestamp, ended: Timestamp, failed: bool) -> Option<Timestamp> {
    if task.one_shot {
        let again = failed && task.failures < RETRIES;
        return again.then(|| ended.plus_millis(RETRY_MILLIS << task.failures));
    }
    let earliest = ended.max(began.plus_millis(SPACING_MILLIS - 1));
    Schedule::parse(&task.schedule).ok()?.next_after(earliest)
}
