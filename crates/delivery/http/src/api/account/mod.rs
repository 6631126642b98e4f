//! The signed-in person.

mod me;

use axum::Router;
use axum::routing::get;

use crate::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/_emdash/api/auth/me", get(me::handler))
}
