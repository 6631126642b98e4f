//! Scheduled tasks of plugins.

use async_trait::async_trait;
use emdash_store::plugins::{CronRepository, CronRun, CronTask, Lease};
use emdash_types::{PluginId, Result, Timestamp};

use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlTransaction, Value};

const TASK: &str = "id, plugin_id, task_name, schedule, is_oneshot, data, next_run_at, lease_until, claim, revision, \
                    failures, last_run_at, last_error";

fn task(row: Row) -> Result<CronTask> {
    let mut row = Reader::new("_emdash_cron_tasks", row);
    Ok(CronTask {
        id: row.id("id")?,
        plugin_id: row.checked("plugin_id")?,
        name: row.text("task_name")?,
        schedule: row.text("schedule")?,
        one_shot: row.flag("is_oneshot")?,
        data: row.optional_json("data")?,
        next_run_at: row.time("next_run_at")?,
        lease_until: row.optional_time("lease_until")?,
        claim: row.optional_text("claim")?,
        revision: row.number("revision")?,
        failures: row.number("failures")?,
        last_run_at: row.optional_time("last_run_at")?,
        last_error: row.optional_text("last_error")?,
    })
}

fn list(plugins: &[PluginId]) -> Value {
    json_list(plugins.iter().map(PluginId::as_str))
}

#[async_trait]
impl CronRepository for SqlTransaction {
    async fn cron_put(&mut self, task: &CronTask) -> Result<()> {
        self.execute(
            &format!(
                "INSERT INTO _emdash_cron_tasks ({TASK}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
                 ON CONFLICT (plugin_id, task_name) DO UPDATE SET schedule = excluded.schedule, \
                 is_oneshot = excluded.is_oneshot, data = excluded.data, next_run_at = excluded.next_run_at, \
                 revision = _emdash_cron_tasks.revision + 1, failures = 0"
            ),
            &bind![
                task.id,
                task.plugin_id,
                task.name,
                task.schedule,
                task.one_shot,
                task.data,
                task.next_run_at,
                task.lease_until,
                task.claim,
                task.revision,
                task.failures,
                task.last_run_at,
                task.last_error,
            ],
        )
        .await?;
        Ok(())
    }

    async fn cron_list(&mut self, plugin: Option<&PluginId>) -> Result<Vec<CronTask>> {
        let condition = if plugin.is_some() { "WHERE plugin_id = ?1" } else { "" };
        let sql = format!("SELECT {TASK} FROM _emdash_cron_tasks {condition} ORDER BY next_run_at, id");
        let values: Vec<Value> = plugin.map(crate::value::Bind::value).into_iter().collect();
        self.all(&sql, &values, task).await
    }

    async fn cron_delete(&mut self, plugin: &PluginId, name: &str) -> Result<bool> {
        let sql = "DELETE FROM _emdash_cron_tasks WHERE plugin_id = ?1 AND task_name = ?2";
        Ok(self.execute(sql, &bind![plugin, name]).await? > 0)
    }

    async fn cron_forget(&mut self, plugin: &PluginId) -> Result<()> {
        self.execute("DELETE FROM _emdash_cron_tasks WHERE plugin_id = ?1", &bind![plugin]).await?;
        Ok(())
    }

    async fn cron_claim(
        &mut self,
        plugins: &[PluginId],
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<CronTask>> {
        let asked = self.dialect().list("?4");
        let sql = format!(
            "UPDATE _emdash_cron_tasks SET lease_until = ?2, claim = ?5 WHERE id IN (\
             SELECT id FROM (SELECT id, next_run_at, \
             row_number() OVER (PARTITION BY plugin_id ORDER BY next_run_at, id) AS place \
             FROM _emdash_cron_tasks AS due WHERE next_run_at <= ?1 AND plugin_id IN {asked} \
             AND NOT EXISTS (SELECT 1 FROM _emdash_cron_tasks AS running \
             WHERE running.plugin_id = due.plugin_id AND running.lease_until > ?1)) AS ready \
             WHERE place = 1 ORDER BY next_run_at, id LIMIT ?3) RETURNING {TASK}"
        );
        let mut tasks =
            self.all(&sql, &bind![now, lease.until, limit, list(plugins), lease.claim], task).await?;
        tasks.sort_by(|a, b| (a.next_run_at, &a.id).cmp(&(b.next_run_at, &b.id)));
        Ok(tasks)
    }

    async fn cron_renew(&mut self, claimed: &CronTask, until: Timestamp) -> Result<bool> {
        let sql = "UPDATE _emdash_cron_tasks SET lease_until = ?3 WHERE id = ?1 AND claim = ?2";
        Ok(self.execute(sql, &bind![claimed.id, claimed.claim, until]).await? > 0)
    }

    async fn cron_settle(&mut self, claimed: &CronTask, run: &CronRun) -> Result<()> {
        let next = match run.next {
            Some(next) => next,
            None => {
                let sql = "DELETE FROM _emdash_cron_tasks WHERE id = ?1 AND claim = ?2 AND revision = ?3";
                let values = bind![claimed.id, claimed.claim, claimed.revision];
                if self.execute(sql, &values).await? > 0 {
                    return Ok(());
                }
                // Scheduled anew, so this instant is not used below.
                run.at
            }
        };
        self.execute(
            "UPDATE _emdash_cron_tasks SET lease_until = NULL, claim = NULL, last_run_at = ?4, last_error = ?5, \
             failures = CASE WHEN revision = ?3 THEN ?6 ELSE failures END, \
             next_run_at = CASE WHEN revision = ?3 THEN ?7 ELSE next_run_at END \
             WHERE id = ?1 AND claim = ?2",
            &bind![
                claimed.id,
                claimed.claim,
                claimed.revision,
                run.at,
                run.error,
                run.error.as_ref().map_or(0, |_| claimed.failures.saturating_add(1)),
                next,
            ],
        )
        .await?;
        Ok(())
    }

    async fn cron_next_at(&mut self, plugins: &[PluginId]) -> Result<Option<Timestamp>> {
        // What waits behind a running task of its plugin can be claimed when that one's lease ends, or earlier, when
        // it settles.
        let asked = self.dialect().list("?1");
        let sql = format!(
            "SELECT min(at) FROM (SELECT CASE WHEN max(coalesce(lease_until, '')) > min(next_run_at) \
             THEN max(coalesce(lease_until, '')) ELSE min(next_run_at) END AS at \
             FROM _emdash_cron_tasks WHERE plugin_id IN {asked} GROUP BY plugin_id) AS next"
        );
        let read = |row| Reader::new("_emdash_cron_tasks", row).optional_time("next_run_at");
        Ok(self.one(&sql, &bind![list(plugins)], read).await?.flatten())
    }
}
