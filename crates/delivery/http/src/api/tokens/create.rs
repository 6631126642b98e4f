//! `POST /admin/api-tokens`: the one answer that holds a token's text.

use axum::extract::State;
use emdash_identity::NewToken;
use emdash_types::{Scope, Timestamp};
use serde::{Deserialize, Serialize};

use super::TokenItem;
use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Created, Failure};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
pub struct Answer {
    token: String,
    info: TokenItem,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody<Body>,
) -> Result<Created<Answer>, Failure> {
    let new = NewToken { name: body.name, scopes: body.scopes, expires_at: body.expires_at };
    let (text, info) = state.identity.token_create(&caller, new).await?;
    Ok(Created(Answer { token: text.expose().to_owned(), info: info.into() }))
}
