//! `GET /admin/plugin-calls`: the recorded calls, newest first.

use axum::extract::State;
use emdash_plugins::CallInfo;
use serde::{Deserialize, Serialize};

use crate::AppState;
use crate::api::plugins::plugin_id;
use crate::request::{Authenticated, Limit, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Query {
    plugin_id: Option<String>,
    #[serde(default)]
    limit: Limit<50>,
}

#[derive(Serialize)]
pub struct Answer {
    items: Vec<CallInfo>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<Answer>, Failure> {
    let plugin = query.plugin_id.as_deref().map(plugin_id).transpose()?;
    let items = state.plugins.recorded_calls(&caller, plugin.as_ref(), query.limit.get()?).await?;
    Ok(Done(Answer { items }))
}
