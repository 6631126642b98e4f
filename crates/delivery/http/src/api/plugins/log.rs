//! `GET /admin/plugins/{id}/log`: the newest lines since the server started, oldest first; `after` leaves out those up
//! to a number.

use axum::extract::{Path, State};
use emdash_plugins::LogLine;
use serde::{Deserialize, Serialize};

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    after: u64,
}

#[derive(Serialize)]
pub struct Answer {
    items: Vec<LogLine>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<Answer>, Failure> {
    Ok(Done(Answer { items: state.plugins.log(&caller, &plugin_id(&id)?, query.after)? }))
}
