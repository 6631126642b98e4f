//! `/healthz` says that the process is alive, `/readyz` that it can do its work.

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> impl IntoResponse {
    Json(json!({"status": "alive"}))
}

async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let mut checks = Map::new();
    let mut all = !state.is_stopping();
    for part in state.readiness.iter() {
        let outcome = part.check().await;
        all &= outcome.is_ok();
        let words = outcome.map_or_else(|error| error.to_string(), |()| "ok".to_owned());
        checks.insert(part.name().to_owned(), Value::String(words));
    }
    let status = match (all, state.is_stopping()) {
        (true, _) => "ready",
        (false, true) => "stopping",
        (false, false) => "not ready",
    };
    let code = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(json!({"status": status, "checks": checks})))
}
