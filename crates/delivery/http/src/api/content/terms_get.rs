//! `GET /content/{collection}/{id}/terms/{taxonomy}`.

use axum::extract::{Path, State};
use emdash_content::{EntryTerms, Target};

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((collection, id, taxonomy)): Path<(String, String, String)>,
) -> Result<Done<EntryTerms>, Failure> {
    Ok(Done(state.content.terms(&caller, Target::new(&collection, &id), &taxonomy).await?))
}
