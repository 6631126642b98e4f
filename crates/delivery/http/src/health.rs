//! `/healthz` says that the process is alive, `/readyz` that it can do its work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use emdash_types::Result;
use http::StatusCode;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

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
    /// What was found last; anybody may ask, and asking costs.
    pub recent: Arc<Mutex<Option<Findings>>>,
}

/// What the parts answered.
#[derive(Clone)]
pub struct Findings {
    at: Instant,
    working: bool,
    checks: Map<String, Value>,
}

/// How long an answer stands.
const MOMENT: Duration = Duration::from_secs(1);

impl Health {
    /// What the parts answer, or did a moment ago. Whoever asks meanwhile waits for the same answer.
    async fn findings(&self) -> Findings {
        let mut recent = self.recent.lock().await;
        if let Some(known) = recent.as_ref().filter(|known| known.at.elapsed() < MOMENT) {
            return known.clone();
        }
        let mut checks = Map::new();
        let mut working = true;
        for part in self.parts.iter() {
            let outcome = part.check().await;
            working &= outcome.is_ok();
            let words = outcome.map_or_else(|error| error.to_string(), |()| "ok".to_owned());
            checks.insert(part.name().to_owned(), Value::String(words));
        }
        let found = Findings { at: Instant::now(), working, checks };
        *recent = Some(found.clone());
        found
    }
}

pub fn routes(health: Health) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(health)
}

async fn alive() -> impl IntoResponse {
    Json(json!({"status": "alive"}))
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    let Findings { working, checks, .. } = health.findings().await;
    let stopping = health.stopping.load(Ordering::Relaxed);
    let (code, status) = match (stopping, working) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, true) => (StatusCode::OK, "ready"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    (code, Json(json!({"status": status, "checks": checks})))
}
