//! `POST /content/{collection}/{id}/restore`: out of the trash.

use axum::extract::{Path, State};
use emdash_content::ContentItem;
use serde::Serialize;

use super::{EntryPath, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    restored: bool,
    item: ContentItem,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
) -> Result<Done<Answer>, Failure> {
    let item = state.content.restore(&caller, path.target(&query)).await?;
    Ok(Done(Answer { restored: true, item }))
}
