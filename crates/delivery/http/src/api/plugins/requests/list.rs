//! `GET /admin/plugins/requests`: newest first.

use axum::extract::State;
use emdash_store::plugins::RequestStatus;
use emdash_types::Error;
use serde::{Deserialize, Serialize};

use super::Item;
use crate::AppState;
use crate::request::{Authenticated, Limit, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
pub struct Query {
    status: Option<String>,
    #[serde(default)]
    limit: Limit<50>,
}

#[derive(Serialize)]
pub struct Answer {
    items: Vec<Item>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<Answer>, Failure> {
    let status = query.status.as_deref().map(|text| {
        RequestStatus::parse(text).ok_or_else(|| Error::field("status", "must be open, granted or declined"))
    });
    let requests = state.plugins.plugin_requests(&caller, status.transpose()?, query.limit.get()?).await?;
    Ok(Done(Answer { items: requests.into_iter().map(Item::from).collect() }))
}
