//! `GET /content/{collection}/{id}/compare`: what is live beside what is staged.

use axum::extract::{Path, State};
use emdash_content::Comparison;

use super::{EntryPath, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
) -> Result<Done<Comparison>, Failure> {
    Ok(Done(state.content.compare(&caller, path.target(&query)).await?))
}
