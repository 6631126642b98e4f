//! `/healthz` says that the process is alive, `/readyz` that it can do its work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use emdash_types::Result;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// One part of the server that must work for the server to be ready.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Its name, as in `/readyz`.
    fn name(&self) -> &'static str;

    /// Answers whether it works now.
    ///
    /// # Errors
    /// What is wrong with it.
    async fn check(&self) -> Result<()>;
}

/// What the health endpoints ask.
#[derive(Clone)]
pub struct Health {
    /// The parts.
    pub parts: Arc<[Arc<dyn Readiness>]>,
    /// Set when the server has begun to stop: it still answers, but is not ready any more.
    pub stopping: Arc<AtomicBool>,
}

pub fn routes(health: Health) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(health)
}

async fn alive() -> impl IntoResponse {
    Json(json!({"status": "alive"}))
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    let mut checks = Map::new();
    let mut working = true;
    for part in health.parts.iter() {
        let outcome = part.check().await;
        working &= outcome.is_ok();
        let words = outcome.map_or_else(|error| error.to_string(), |()| "ok".to_owned());
        checks.insert(part.name().to_owned(), Value::String(words));
    }
    let stopping = health.stopping.load(Ordering::Relaxed);
    let (code, status) = match (stopping, working) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, true) => (StatusCode::OK, "ready"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    (code, Json(json!({"status": status, "checks": checks})))
}
