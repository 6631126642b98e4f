//! `GET /content/{collection}/{id}`.

use axum::extract::{Path, State};
use emdash_content::RevisedItem;

use super::{EntryPath, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
) -> Result<Done<RevisedItem>, Failure> {
    Ok(Done(state.content.get(&caller, path.target(&query)).await?))
}
