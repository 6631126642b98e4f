//! `POST /revisions/{id}/restore`: stages an earlier state of an entry.

use axum::extract::{Path, State};
use emdash_types::RevisionId;

use super::ItemAnswer;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<ItemAnswer>, Failure> {
    let item = state.content.revision_restore(&caller, &RevisionId::from(id)).await?;
    Ok(Done(ItemAnswer { item }))
}
