//! `GET /plugins/{id}/icon` and `/plugins/{id}/versions/{version}/icon`.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use emdash_registry::Image;
use emdash_types::PluginId;
use http::header;
use maud::html;
use serde::Deserialize;

use super::{IMMUTABLE, plugin_id};
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;
use crate::request::QueryOf;

const HOUR: &str = "public, max-age=3600";
const DAY: &str = "public, max-age=86400";

/// The wanted width of an avatar. Icons are served as they were published.
#[derive(Deserialize)]
pub struct Width {
    #[serde(default)]
    w: String,
}

impl Width {
    fn pixels(&self) -> u32 {
        match self.w.parse().unwrap_or(128_u32) {
            0..=64 => 64,
            65..=128 => 128,
            _ => 256,
        }
    }
}

pub async fn latest(
    State(state): State<MarketplaceState>,
    Path(id): Path<String>,
    QueryOf(width): QueryOf<Width>,
) -> Result<Response, Refusal> {
    let id = plugin_id(&id)?;
    match state.registry.icon(&id, None).await? {
        Some(image) => Ok(picture(image, HOUR)),
        None => Ok(avatar(&id, width.pixels(), DAY)),
    }
}

pub async fn of_version(
    State(state): State<MarketplaceState>,
    Path((id, version)): Path<(String, String)>,
    QueryOf(width): QueryOf<Width>,
) -> Result<Response, Refusal> {
    let id = plugin_id(&id)?;
    match state.registry.icon(&id, Some(&version)).await? {
        Some(image) => Ok(picture(image, IMMUTABLE)),
        None => Ok(avatar(&id, width.pixels(), IMMUTABLE)),
    }
}

/// An image somebody uploaded: never interpreted as anything else.
pub fn picture(image: Image, caching: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, image.content_type),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    (headers, image.bytes).into_response()
}

/// The id's first letter on a colour of its own. An id is a lower-case letter and more, so nothing needs escaping,
/// and it is escaped all the same.
fn avatar(id: &PluginId, pixels: u32, caching: &'static str) -> Response {
    let letter = id.as_str().chars().next().unwrap_or('?').to_ascii_uppercase();
    let hue = id.as_str().bytes().fold(0_u32, |hash, byte| (hash * 31 + u32::from(byte)) % 360);
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(pixels) height=(pixels) viewBox="0 0 64 64" {
            rect width="64" height="64" fill={ "hsl(" (hue) " 38% 34%)" } {}
            text x="32" y="43" text-anchor="middle" fill="#fff" font-family="Georgia, serif" font-size="32" { (letter) }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    (headers, svg.into_string()).into_response()
}
