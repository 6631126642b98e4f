//! Work that plugins scheduled for later (plugin contract §3.11, §4.8).

use async_trait::async_trait;
use emdash_types::{CronTaskId, PluginId, Result, Timestamp};
use serde_json::Value;

/// A task of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct CronTask {
    /// Id.
    pub id: CronTaskId,
    /// Whose task.
    pub plugin_id: PluginId,
    /// Its name, unique within the plugin.
    pub name: String,
    /// The schedule as the plugin wrote it.
    pub schedule: String,
    /// Whether it is forgotten after its run.
    pub one_shot: bool,
    /// What the plugin is told when it runs.
    pub data: Option<Value>,
    /// When it is due.
    pub next_run_at: Timestamp,
    /// Until when a claim holds; afterwards anyone may claim it again.
    pub lease_until: Option<Timestamp>,
    /// Who holds the claim: another word for each.
    pub claim: Option<String>,
    /// Grows whenever the plugin schedules the task anew.
    pub revision: u32,
    /// Runs in a row that failed.
    pub failures: u32,
    /// When it ran last.
    pub last_run_at: Option<Timestamp>,
    /// What went wrong in the last run.
    pub last_error: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronRun {
    /// When it began.
    pub at: Timestamp,
    /// What went wrong.
    pub error: Option<String>,
    /// When the task is due again; `None` where it is done with.
    pub next: Option<Timestamp>,
}

/// What a claim is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// A word nobody else uses.
    pub claim: String,
    /// Until when it holds.
    pub until: Timestamp,
}

/// The scheduled tasks of one site.
#[async_trait]
pub trait CronRepository {
    /// Schedules a task, or schedules the one of its plugin and name anew: then id, lease and the last run stay as they
    /// are and the failures are forgotten.
    async fn cron_put(&mut self, task: &CronTask) -> Result<()>;

    /// The tasks of a plugin or of all, the next one due first.
    async fn cron_list(&mut self, plugin: Option<&PluginId>) -> Result<Vec<CronTask>>;

    /// Forgets a task; says whether there was one.
    async fn cron_delete(&mut self, plugin: &PluginId, name: &str) -> Result<bool>;

    /// Forgets every task of a plugin.
    async fn cron_forget(&mut self, plugin: &PluginId) -> Result<()>;

    /// Claims up to `limit` due tasks of these plugins, oldest first: of each plugin one, and none while another of its
    /// tasks runs.
    async fn cron_claim(
        &mut self,
        plugins: &[PluginId],
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<CronTask>>;

    /// Holds a claim for longer; says whether it was still held.
    async fn cron_renew(&mut self, claimed: &CronTask, until: Timestamp) -> Result<bool>;

    /// Ends the run of a claimed task. A task that was scheduled anew meanwhile keeps its new instant, and one that was
    /// claimed by another after the lease ran out is left alone.
    async fn cron_settle(&mut self, claimed: &CronTask, run: &CronRun) -> Result<()>;

    /// The earliest instant at which a task of these plugins can be claimed.
    async fn cron_next_at(&mut self, plugins: &[PluginId]) -> Result<Option<Timestamp>>;
}
