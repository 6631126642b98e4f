//! One id per request: in the response, in every log line, in every error.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use emdash_types::Ambient;
use http::HeaderValue;
use tracing::Instrument;

tokio::task_local! {
    static REQUEST_ID: Arc<str>;
}

/// The id of the request being answered by this task.
#[must_use]
pub fn current() -> Option<String> {
    REQUEST_ID.try_with(|id| id.to_string()).ok()
}

/// Gives the request its id and writes its one log line.
pub async fn layer(State(ambient): State<Ambient>, request: Request, next: Next) -> Response {
    let id: Arc<str> = ambient.ulid().into();
    let started = ambient.now();
    let span = tracing::info_span!("request", request.id = %id, http.method = %request.method(), http.path = %request.uri().path());
    let mut response = REQUEST_ID.scope(Arc::clone(&id), next.run(request).instrument(span.clone())).await;
    let duration = ambient.now().as_millis() - started.as_millis();
    span.in_scope(|| {
        tracing::info!(http.status = response.status().as_u16(), duration_ms = duration, "answered")
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
