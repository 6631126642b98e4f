//! Personal access tokens (CMS contract §2.9).

mod create;
mod list;
mod revoke;

use axum::Router;
use axum::routing::{delete, get};
use emdash_identity::TokenInfo;
use emdash_types::{Scope, Timestamp};
use serde::Serialize;

use crate::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/_emdash/api/admin/api-tokens", get(list::handler).post(create::handler))
        .route("/_emdash/api/admin/api-tokens/{id}", delete(revoke::handler))
}

/// A token on the wire; never its text or hash.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenItem {
    id: String,
    name: String,
    prefix: String,
    scopes: Vec<Scope>,
    user_id: String,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<TokenInfo> for TokenItem {
    fn from(token: TokenInfo) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name,
            prefix: token.prefix,
            scopes: token.scopes,
            user_id: token.user_id.to_string(),
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            created_at: token.created_at,
        }
    }
}
