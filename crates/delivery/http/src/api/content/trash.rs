//! `GET /content/{collection}/trash`.

use axum::extract::{Path, State};
use emdash_content::ContentItem;
use emdash_types::PageRequest;
use serde::{Deserialize, Serialize};

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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    items: Vec<ContentItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(collection): Path<String>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<Answer>, Failure> {
    let page = PageRequest { limit: query.limit.get()?, cursor: query.cursor.get()? };
    let found = state.content.trash(&caller, &collection, &page).await?;
    Ok(Done(Answer { items: found.items, next_cursor: found.next.map(|cursor| cursor.encode()) }))
}
