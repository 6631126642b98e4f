//! `GET /admin/plugins/violations`: what plugins tried and were refused or stopped for (A33), newest first.

use axum::extract::State;
use emdash_store::plugins::Violation;
use emdash_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::plugin_id;
use crate::AppState;
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
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    plugin_id: String,
    version: String,
    during: String,
    code: String,
    message: String,
    at: Timestamp,
}

impl From<Violation> for Item {
    fn from(violation: Violation) -> Self {
        Self {
            id: violation.id.to_string(),
            plugin_id: violation.plugin_id.into(),
            version: violation.version,
            during: violation.during,
            code: violation.code,
            message: violation.message,
            at: violation.at,
        }
    }
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<Answer>, Failure> {
    let plugin = query.plugin_id.as_deref().map(plugin_id).transpose()?;
    let violations = state.plugins.violations(&caller, plugin.as_ref(), query.limit.get()?).await?;
    Ok(Done(Answer { items: violations.into_iter().map(Item::from).collect() }))
}
