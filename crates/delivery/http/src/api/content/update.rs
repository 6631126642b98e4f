//! `PUT /content/{collection}/{id}`.

use axum::extract::{Path, State};
use emdash_content::{ContentPatch, RevisedItem};

use super::{EntryPath, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, JsonBody, QueryOf};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
    JsonBody(body): JsonBody<ContentPatch>,
) -> Result<Done<RevisedItem>, Failure> {
    Ok(Done(state.content.update(&caller, path.target(&query), body).await?))
}
