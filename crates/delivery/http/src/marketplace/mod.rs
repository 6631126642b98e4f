//! The marketplace: its API under `/api/v1` (plugin contract §8) and its pages under `/marketplace`.
//!
//! It needs the registry and nothing of a site, so it can be served alone (B31).

mod api;
mod pages;
mod publisher;
mod refusal;
mod wire;

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use emdash_registry::RegistryService;
use serde_json::{Value, json};

/// What the marketplace's handlers share. Cloning is cheap.
#[derive(Clone)]
pub struct MarketplaceState {
    /// Publishers, listings, releases.
    pub registry: Arc<RegistryService>,
    /// Where the marketplace is reached from outside, without trailing slash.
    pub public_url: Arc<str>,
}

/// The API, the pages, and `/health`.
pub fn routes() -> Router<MarketplaceState> {
    Router::new().route("/health", get(health)).nest("/api/v1", api::routes()).merge(pages::routes())
}

/// Plugin contract §8.1.
async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}
