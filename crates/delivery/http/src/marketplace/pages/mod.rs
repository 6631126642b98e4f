//! Pages of the marketplace for people: no script, one style sheet, every text escaped by the templates.

mod access;
mod detail;
mod layout;
mod listing;
mod markdown;
mod words;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use super::MarketplaceState;

const STYLE: &str = include_str!("style.css");
/// Part of the style sheet's address, so that a new one is never taken for an old one.
const STYLE_VERSION: u64 = fingerprint(STYLE.as_bytes());

pub fn routes() -> Router<MarketplaceState> {
    Router::new()
        .route("/marketplace", get(listing::page))
        .route("/marketplace/style.css", get(style))
        .route("/marketplace/{id}", get(detail::page))
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, STYLE).into_response()
}

/// FNV-1a.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        index += 1;
    }
    hash
}
