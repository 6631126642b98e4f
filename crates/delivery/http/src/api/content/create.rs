//! `POST /content/{collection}`.

use axum::extract::{Path, State};
use emdash_content::{NewContent, RevisedItem};

use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Created, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(collection): Path<String>,
    JsonBody(body): JsonBody<NewContent>,
) -> Result<Created<RevisedItem>, Failure> {
    Ok(Created(state.content.create(&caller, &collection, body).await?))
}
