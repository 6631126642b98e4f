//! `POST /content/{collection}/{id}/discard-draft`.

use axum::extract::{Path, State};

use super::{EntryPath, ItemAnswer, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
) -> Result<Done<ItemAnswer>, Failure> {
    let item = state.content.discard_draft(&caller, path.target(&query)).await?;
    Ok(Done(ItemAnswer { item }))
}
