//! `POST /content/{collection}/{id}/duplicate`.

use axum::extract::{Path, State};

use super::{EntryPath, ItemAnswer, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Created, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
) -> Result<Created<ItemAnswer>, Failure> {
    let item = state.content.duplicate(&caller, path.target(&query)).await?;
    Ok(Created(ItemAnswer { item }))
}
