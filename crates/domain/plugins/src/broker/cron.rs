//! `ctx.cron` (plugin contract §3.11).

use std::sync::Arc;

use emdash_store::plugins::CronTask;
use emdash_types::{Error, ErrorCode, JsonMap, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Broker;
use super::answer::NULL;
use super::arguments::Arguments;
use crate::cron::{Schedule, is_task_name};
use crate::words::shown;

/// Longest name of a task.
const MAX_NAME: usize = 128;

#[derive(Deserialize)]
struct Options {
    schedule: String,
    data: Option<JsonMap>,
}

impl Broker {
    pub(super) fn cron_schedule(
        &self,
        arguments: &Arguments<'_>,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let name: String = arguments.required(0, "name", "a string")?;
        check_name(&name)?;
        let options: Options =
            arguments.required(1, "options", "an object {schedule: string, data?: object}")?;
        let task = self.task(name, options)?;
        let (site, limit) = (Arc::clone(&self.site), self.plugin.manifest.budgets.cron_tasks);
        Ok(async move {
            let mut transaction = site.parts.store.write().await?;
            let tasks = transaction.cron_list(Some(&task.plugin_id)).await?;
            let mine = tasks.iter().filter(|found| is_task_name(&found.name));
            let others = mine.filter(|found| found.name != task.name).count();
            if others >= limit {
                return Err(too_many(limit, others + 1));
            }
            transaction.cron_put(&task).await?;
            transaction.commit().await?;
            site.cron_changed.notify_one();
            Ok(NULL.to_owned())
        }
        .boxed())
    }

    pub(super) fn cron_cancel(
        &self,
        arguments: &Arguments<'_>,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let name: String = arguments.required(0, "name", "a string")?;
        let (site, plugin) = (Arc::clone(&self.site), self.plugin.id.clone());
        Ok(async move {
            // The host's own tasks have names no plugin can use.
            if is_task_name(&name) {
                let mut transaction = site.parts.store.write().await?;
                transaction.cron_delete(&plugin, &name).await?;
                transaction.commit().await?;
            }
            Ok(NULL.to_owned())
        }
        .boxed())
    }

    pub(super) fn cron_list(&self) -> BoxFuture<'static, Result<String>> {
        let (site, plugin) = (Arc::clone(&self.site), self.plugin.id.clone());
        async move {
            let tasks = site.parts.store.read().await?.cron_list(Some(&plugin)).await?;
            let mine = tasks.iter().filter(|task| is_task_name(&task.name));
            let list: Vec<Value> = mine
                .map(|task| {
                    json!({
                        "name": task.name,
                        "schedule": task.schedule,
                        "nextRunAt": task.next_run_at,
                        "lastRunAt": task.last_run_at,
                    })
                })
                .collect();
            Ok(Value::from(list).to_string())
        }
        .boxed()
    }

    fn task(&self, name: String, options: Options) -> Result<CronTask> {
        let Options { schedule: text, data } = options;
        let schedule = Schedule::parse(&text)?;
        let ambient = &self.site.parts.ambient;
        let next_run_at = schedule.next_after(ambient.now()).ok_or_else(|| {
            let message = format!("Invalid cron expression or no future run: \"{}\"", shown(&text));
            Error::new(ErrorCode::ValidationError, message)
        })?;
        let data = data.map(Value::Object);
        let limit = self.plugin.manifest.budgets.cron_data_bytes;
        let used = data.as_ref().map_or(0, |data| data.to_string().len());
        if used > limit {
            let message = format!("The data of a task is limited to {limit} bytes of JSON, got {used}.");
            return Err(Error::new(ErrorCode::QuotaExceeded, message)
                .details(json!({"limit": limit, "used": used}))
                .hint("Keep it in ctx.storage and give the task its id."));
        }
        Ok(CronTask {
            id: ambient.id(),
            plugin_id: self.plugin.id.clone(),
            name,
            one_shot: schedule.is_once(),
            schedule: text,
            data,
            next_run_at,
            lease_until: None,
            claim: None,
            revision: 0,
            failures: 0,
            last_run_at: None,
            last_error: None,
        })
    }
}

fn check_name(name: &str) -> Result<()> {
    let length = name.chars().count();
    let message = if length == 0 || length > MAX_NAME {
        format!("Invalid task name: must be 1-{MAX_NAME} characters, got {length}")
    } else if !is_task_name(name) {
        format!(
            "Invalid task name \"{}\": must start with a letter and contain only letters, numbers, dashes, or underscores",
            shown(name)
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorCode::ValidationError, message))
}

fn too_many(limit: usize, used: usize) -> Error {
    Error::new(ErrorCode::QuotaExceeded, format!("A plugin may have {limit} tasks scheduled at once."))
        .details(json!({"limit": limit, "used": used}))
        .hint("Cancel those that are not needed, or let one task do the work of several.")
}
