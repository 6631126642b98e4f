//! The tasks plugins scheduled, as a queue.

use async_trait::async_trait;
use emdash_jobs::WorkQueue;
use emdash_plugins::PluginHost;
use emdash_store::plugins::CronTask;
use emdash_types::{Result, Timestamp};

/// Tasks at work at once, each of another plugin; they mostly wait for services outside.
const CONCURRENCY: u32 = 32;

pub(crate) struct CronTasks(pub(crate) PluginHost);

#[async_trait]
impl WorkQueue for CronTasks {
    type Item = CronTask;

    fn name(&self) -> &'static str {
        "scheduled tasks"
    }

    fn concurrency(&self) -> u32 {
        CONCURRENCY
    }

    async fn claim(&self, until: Timestamp, limit: u32) -> Result<Vec<CronTask>> {
        self.0.cron_claim(until, limit).await
    }

    async fn next_at(&self) -> Result<Option<Timestamp>> {
        self.0.cron_next_at().await
    }

    async fn renew(&self, task: &CronTask, until: Timestamp) -> Result<()> {
        self.0.cron_renew(task, until).await
    }

    async fn work(&self, task: &CronTask) -> Result<()> {
        self.0.cron_run(task).await
    }

    async fn changed(&self) {
        self.0.cron_changed().await;
    }
}
