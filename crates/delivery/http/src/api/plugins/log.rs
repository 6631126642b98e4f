//! `GET /admin/plugins/{id}/log`: the newest lines since the server started, oldest first.

use axum::extract::{Path, State};
use emdash_plugins::LogLine;
use serde::Serialize;

use super::plugin_id;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    items: Vec<LogLine>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<Answer>, Failure> {
    Ok(Done(Answer { items: state.plugins.log(&caller, &plugin_id(&id)?)? }))
}
