//! `GET /revisions/{id}`.

use axum::extract::{Path, State};
use emdash_content::RevisionItem;
use emdash_types::RevisionId;
use serde::Serialize;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    item: RevisionItem,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<Answer>, Failure> {
    let item = state.content.revision(&caller, &RevisionId::from(id)).await?;
    Ok(Done(Answer { item }))
}
