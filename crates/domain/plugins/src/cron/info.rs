//! Tasks, as an administrator sees them.

use emdash_store::plugins::CronTask;
use emdash_types::{Caller, Permission, PluginId, Result, Timestamp};
use serde::Serialize;

use crate::PluginHost;
use crate::lifecycle::require;

/// A scheduled task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronTaskInfo {
    /// Whose task.
    pub plugin_id: PluginId,
    /// Its name; `scheduler:tick` for the minute's tick.
    pub name: String,
    /// The schedule as the plugin wrote it, in UTC.
    pub schedule: String,
    /// Whether it is forgotten after its run.
    pub one_shot: bool,
    /// When it is due; a past instant where its plugin is off.
    pub next_run_at: Timestamp,
    /// Whether it runs right now.
    pub running: bool,
    /// Runs in a row that failed.
    pub failures: u32,
    /// When it ran last.
    pub last_run_at: Option<Timestamp>,
    /// What went wrong in the last run.
    pub last_error: Option<String>,
}

impl PluginHost {
    /// The scheduled tasks of a plugin or of all, the next one due first.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn cron_tasks(&self, caller: &Caller, plugin: Option<&PluginId>) -> Result<Vec<CronTaskInfo>> {
        require(caller, Permission::PluginsRead)?;
        let tasks = self.site.parts.store.read().await?.cron_list(plugin).await?;
        let now = self.site.parts.ambient.now();
        Ok(tasks.into_iter().map(|task| info(task, now)).collect())
    }
}

fn info(task: CronTask, now: Timestamp) -> CronTaskInfo {
    CronTaskInfo {
        running: task.lease_until.is_some_and(|until| until > now),
        plugin_id: task.plugin_id,
        name: task.name,
        schedule: task.schedule,
        one_shot: task.one_shot,
        next_run_at: task.next_run_at,
        failures: task.failures,
        last_run_at: task.last_run_at,
        last_error: task.last_error,
    }
}
