//! `GET /content/{collection}/{id}/revisions`.

use axum::extract::{Path, State};
use emdash_content::{RevisionList, Target};
use serde::Deserialize;

use super::EntryPath;
use crate::AppState;
use crate::request::{Authenticated, Limit, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    limit: Limit<50>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<RevisionList>, Failure> {
    let target = Target::new(&path.collection, &path.id);
    Ok(Done(state.content.revisions(&caller, target, query.limit.get()?).await?))
}
