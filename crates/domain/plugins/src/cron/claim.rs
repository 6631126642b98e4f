//! What is due, of whom.

use emdash_manifest::Hook;
use emdash_store::plugins::{CronTask, Lease};
use emdash_types::{PluginId, Result, Timestamp};

use super::{Schedule, TICK};
use crate::PluginHost;
use crate::generation::Generation;

/// How often `scheduler:tick` comes (A5).
const EVERY_MINUTE: &str = "* * * * *";

impl PluginHost {
    /// Claims due tasks of live plugins until an instant, at the most one of each plugin.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn cron_claim(&self, until: Timestamp, limit: u32) -> Result<Vec<CronTask>> {
        let generation = self.site.generation();
        self.keep_ticks(&generation).await?;
        let (plugins, now) = (ids(&generation), self.site.parts.ambient.now());
        let due = self.site.parts.store.read().await?.cron_next_at(&plugins).await?;
        if due.is_none_or(|at| at > now) {
            return Ok(Vec::new());
        }
        let lease = Lease { claim: self.site.parts.ambient.ulid(), until };
        let mut transaction = self.site.parts.store.write().await?;
        let tasks = transaction.cron_claim(&plugins, now, &lease, limit).await?;
        transaction.commit().await?;
        Ok(tasks)
    }

    /// When the next task of a live plugin is due.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cron_next_at(&self) -> Result<Option<Timestamp>> {
        let plugins = ids(&self.site.generation());
        self.site.parts.store.read().await?.cron_next_at(&plugins).await
    }

    /// Holds a claim for longer.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn cron_renew(&self, task: &CronTask, until: Timestamp) -> Result<()> {
        let mut transaction = self.site.parts.store.write().await?;
        if !transaction.cron_renew(task, until).await? {
            tracing::warn!(plugin = %task.plugin_id, task = task.name, "the task was claimed by another process");
        }
        transaction.commit().await
    }

    /// Waits until a plugin scheduled something.
    pub async fn cron_changed(&self) {
        self.site.cron_changed.notified().await;
    }

    /// Sees to it that the plugins with `scheduler:tick`, and no others, have its task.
    async fn keep_ticks(&self, generation: &Generation) -> Result<()> {
        if self.site.ticks_of.load(std::sync::atomic::Ordering::Relaxed) == generation.number {
            return Ok(());
        }
        let mut transaction = self.site.parts.store.write().await?;
        let tasks = transaction.cron_list(None).await?;
        for plugin in generation.plugins() {
            let has = tasks.iter().any(|task| task.plugin_id == plugin.id && task.name == TICK);
            match plugin.hook(Hook::SchedulerTick) {
                Some(_) if !has => {
                    if let Some(task) = self.tick_of(&plugin.id)? {
                        transaction.cron_put(&task).await?;
                    }
                }
                None if has => drop(transaction.cron_delete(&plugin.id, TICK).await?),
                _ => {}
            }
        }
        transaction.commit().await?;
        self.site.ticks_of.store(generation.number, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }

    fn tick_of(&self, plugin: &PluginId) -> Result<Option<CronTask>> {
        let next = Schedule::parse(EVERY_MINUTE)?.next_after(self.site.parts.ambient.now());
        Ok(next.map(|next_run_at| CronTask {
            id: self.site.parts.ambient.id(),
            plugin_id: plugin.clone(),
            name: TICK.to_owned(),
            schedule: EVERY_MINUTE.to_owned(),
            one_shot: false,
            data: None,
            next_run_at,
            lease_until: None,
            claim: None,
            revision: 0,
            failures: 0,
            last_run_at: None,
            last_error: None,
        }))
    }
}

fn ids(generation: &Generation) -> Vec<PluginId> {
    generation.plugins().iter().map(|plugin| plugin.id.clone()).collect()
}
