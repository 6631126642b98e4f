//! `GET /admin/plugins/marketplace`, `…/{id}` and `…/{id}/icon`: the marketplace through the site, so that a browser
//! talks to nobody else (plugin contract §8.8).

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::Value;

use super::plugin_id;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RawQuery(query): RawQuery,
) -> Result<Done<Value>, Failure> {
    Ok(Done(state.plugins.catalogue(&caller, query.as_deref().unwrap_or_default()).await?))
}

pub async fn detail(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<Value>, Failure> {
    Ok(Done(state.plugins.catalogue_entry(&caller, &plugin_id(&id)?).await?))
}

pub async fn icon(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (kind, bytes) = state.plugins.catalogue_icon(&caller, &plugin_id(&id)?).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, bytes).into_response())
}
