//! `POST /content/{collection}/{id}/schedule`.

use axum::extract::{Path, State};
use emdash_types::Timestamp;
use serde::Deserialize;

use super::{EntryPath, ItemAnswer, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, JsonBody, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    scheduled_at: Timestamp,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Done<ItemAnswer>, Failure> {
    let item = state.content.schedule(&caller, path.target(&query), body.scheduled_at).await?;
    Ok(Done(ItemAnswer { item }))
}
