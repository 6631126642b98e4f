//! `GET /admin/plugins/cron` and `GET /admin/plugins/{id}/cron`: scheduled tasks, the next one due first.

use axum::extract::{Path, State};
use emdash_plugins::CronTaskInfo;
use serde::Serialize;

use super::plugin_id;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    items: Vec<CronTaskInfo>,
}

pub async fn all(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<Answer>, Failure> {
    Ok(Done(Answer { items: state.plugins.cron_tasks(&caller, None).await? }))
}

pub async fn of_plugin(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<Answer>, Failure> {
    Ok(Done(Answer { items: state.plugins.cron_tasks(&caller, Some(&plugin_id(&id)?)).await? }))
}
