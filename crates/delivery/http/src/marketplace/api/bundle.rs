//! `GET /plugins/{id}/versions/{version}/bundle`.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use super::{CHECKSUM_HEADER, IMMUTABLE, plugin_id};
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;

pub async fn bundle(
    State(state): State<MarketplaceState>,
    Path((id, version)): Path<(String, String)>,
    request: HeaderMap,
) -> Result<Response, Refusal> {
    let id = plugin_id(&id)?;
    let release = state.registry.release(&id, &version).await?;
    let tag = format!("\"{}\"", release.checksum);
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let caching = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, IMMUTABLE.to_owned())];
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let download = state.registry.bundle(&id, &version).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}-{}.tar.gz\"", release.version)),
        (CHECKSUM_HEADER, download.checksum),
    ];
    Ok((caching, headers, download.bytes).into_response())
}
