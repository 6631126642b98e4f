//! `GET /content/{collection}/trash`.

use axum::extract::{Path, State};
use emdash_content::ItemList;
use serde::Deserialize;

use crate::AppState;
use crate::request::{Authenticated, CursorText, Limit, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    limit: Limit<50>,
    #[serde(default)]
    cursor: CursorText,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(collection): Path<String>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<ItemList>, Failure> {
    Ok(Done(state.content.trash(&caller, &collection, query.limit.get()?, query.cursor.get()?).await?))
}
