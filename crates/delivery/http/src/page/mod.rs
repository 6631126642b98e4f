//! Public pages, and the cache before them.

mod kept;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use emdash_site::SiteRequest;
use emdash_types::{Error, ErrorCode};
use http::Method;
use moka::sync::Cache;

use self::kept::Kept;
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

/// Rendered pages by path. Clones share it.
#[derive(Clone)]
pub struct PageCache(Cache<String, (Revision, Arc<Kept>)>);

impl Default for PageCache {
    fn default() -> Self {
        let weigh = |path: &String, (_, page): &(Revision, Arc<Kept>)| {
            u32::try_from(path.len() + page.weight()).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(CACHE_BYTES).weigher(weigh).build())
    }
}

/// Answers every path that nothing else answers.
pub async fn handler(State(state): State<AppState>, request: Request) -> Response {
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
    if let Some((_, page)) = state.pages.0.get(path).filter(|(kept, _)| *kept == revision) {
        return page.answer(request.headers());
    }
    let query = request.uri().query().map(str::to_owned);
    let base_url = state.public_url.to_string();
    let wanted = SiteRequest { path: path.to_owned(), query, base_url, preview: None };
    let rendered = state.renderer.render(&wanted).await;
    let cacheable = rendered.cacheable;
    let page = Arc::new(Kept::new(rendered));
    if cacheable {
        state.pages.0.insert(wanted.path, (revision, Arc::clone(&page)));
    }
    page.answer(request.headers())
}
