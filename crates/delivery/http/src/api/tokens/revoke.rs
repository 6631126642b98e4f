//! `DELETE /admin/api-tokens/{id}`.

use axum::extract::{Path, State};
use emdash_types::TokenId;
use serde_json::{Value, json};

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<Value>, Failure> {
    state.identity.token_revoke(&caller, &TokenId::from(id)).await?;
    Ok(Done(json!({"revoked": true})))
}
