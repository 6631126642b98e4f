//! Recorded plugin calls: which are kept, what happened in them, and playing them again.

mod get;
mod list;
mod policy_get;
mod policy_put;
mod replay;

use axum::Router;
use axum::routing::{get, post};

use crate::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/_emdash/api/admin/plugin-calls", get(list::handler))
        .route("/_emdash/api/admin/plugin-calls/{id}", get(get::handler))
        .route("/_emdash/api/admin/plugin-calls/{id}/replay", post(replay::handler))
        .route("/_emdash/api/admin/plugin-recording", get(policy_get::handler).put(policy_put::handler))
}
