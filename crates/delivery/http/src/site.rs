//! Public pages, and the cache before them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use emdash_site::{SiteRequest, SiteResponse};
use emdash_types::{Error, ErrorCode};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::AppState;
use crate::respond::Failure;

/// Memory the kept pages may take, bytes.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// What pages are made from besides their address. A kept page is valid while all three are as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Revision {
    content: u64,
    plugins: u64,
    theme: u64,
}

struct Page {
    revision: Revision,
    status: StatusCode,
    headers: HeaderMap,
    etag: Option<HeaderValue>,
    body: Bytes,
}

/// Rendered pages by path. Clones share it.
#[derive(Clone)]
pub struct PageCache(Cache<String, Arc<Page>>);

impl Default for PageCache {
    fn default() -> Self {
        let weigh = |path: &String, page: &Arc<Page>| u32::try_from(path.len() + page.body.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(CACHE_BYTES).weigher(weigh).build())
    }
}

/// Answers every path that nothing else answers.
pub async fn page(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let message = format!("{} does not answer {}.", request.uri().path(), request.method());
        return Failure(Error::new(ErrorCode::MethodNotAllowed, message)).into_response();
    }
    // Read before the data, so that a change in between makes the page outdated, not stale.
    let revision = Revision {
        content: state.content.generation().current(),
        plugins: state.plugins.generation_number(),
        theme: state.renderer.theme_revision(),
    };
    let path = request.uri().path();
    let kept = state.pages.0.get(path).filter(|page| page.revision == revision);
    if let Some(page) = kept {
        return answer(&page, request.headers());
    }
    let query = request.uri().query().map(str::to_owned);
    let wanted = SiteRequest { path: path.to_owned(), query, base_url: state.public_url.to_string(), preview: None };
    let rendered = state.renderer.render(&wanted).await;
    let cacheable = rendered.cacheable;
    let page = Arc::new(prepare(rendered, revision));
    if cacheable {
        state.pages.0.insert(wanted.path, Arc::clone(&page));
    }
    answer(&page, request.headers())
}

fn prepare(response: SiteResponse, revision: Revision) -> Page {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&response.content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(response.cache_control));
    if let Some(location) = response.location.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(header::LOCATION, location);
    }
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let etag = (status == StatusCode::OK).then(|| etag(&response.body)).flatten();
    if let Some(etag) = &etag {
        headers.insert(header::ETAG, etag.clone());
    }
    Page { revision, status, headers, etag, body: response.body }
}

/// A strong validator: the content's own hash (RFC 9110 §8.8.3).
fn etag(body: &Bytes) -> Option<HeaderValue> {
    let digest = Sha256::digest(body);
    let short = digest.first_chunk::<12>()?;
    HeaderValue::from_str(&format!("\"{}\"", URL_SAFE_NO_PAD.encode(short))).ok()
}

fn answer(page: &Page, asked: &HeaderMap) -> Response {
    let known = page.etag.as_ref().is_some_and(|etag| matches_etag(asked, etag));
    let body = if known { Body::empty() } else { Body::from(page.body.clone()) };
    let mut response = Response::new(body);
    *response.status_mut() = if known { StatusCode::NOT_MODIFIED } else { page.status };
    *response.headers_mut() = page.headers.clone();
    response
}

/// Whether `If-None-Match` names the validator (RFC 9110 §13.1.2).
fn matches_etag(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let Some(list) = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    let etag = etag.to_str().unwrap_or_default();
    list.split(',').map(|item| item.trim().trim_start_matches("W/")).any(|item| item == "*" || item == etag)
}
