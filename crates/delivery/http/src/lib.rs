#![doc = include_str!("../README.md")]

mod api;
mod health;
mod request;
mod respond;
mod setup;
mod state;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use state::{AppState, Readiness};

/// Everything the server answers.
pub fn router(state: AppState) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(setup::routes())
        .merge(api::routes())
        .layer(from_fn_with_state(state.clone(), request::request_id::layer))
        .with_state(state)
}
