//! `POST /content/{collection}/{id}/publish`.

use axum::extract::{Path, State};
use emdash_types::Timestamp;
use serde::Deserialize;

use super::{EntryPath, ItemAnswer, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, OptionalJsonBody, QueryOf};
use crate::respond::{Done, Failure};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    published_at: Option<Timestamp>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
    OptionalJsonBody(body): OptionalJsonBody<Body>,
) -> Result<Done<ItemAnswer>, Failure> {
    let item = state.content.publish(&caller, path.target(&query), body.published_at).await?;
    Ok(Done(ItemAnswer { item }))
}
