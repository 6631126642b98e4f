//! `POST /content/{collection}/{id}/terms/{taxonomy}`: replaces the entry's terms.

use axum::extract::{Path, State};
use emdash_content::{EntryTerms, Target};
use emdash_types::TermId;
use serde::Deserialize;

use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    term_ids: Vec<TermId>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((collection, id, taxonomy)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Done<EntryTerms>, Failure> {
    let target = Target::new(&collection, &id);
    Ok(Done(state.content.terms_set(&caller, target, &taxonomy, &body.term_ids).await?))
}
