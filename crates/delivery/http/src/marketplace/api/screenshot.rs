//! `GET /plugins/{id}/versions/{version}/screenshots/{name}`.

use axum::extract::{Path, State};
use axum::response::Response;
use emdash_types::{Error, ErrorCode};

use super::{IMMUTABLE, icon, plugin_id};
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;

pub async fn screenshot(
    State(state): State<MarketplaceState>,
    Path((id, version, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    if name.contains(['/', '\\']) || name.contains("..") {
        return Err(Error::new(ErrorCode::ValidationError, "Invalid filename").into());
    }
    let image = state.registry.screenshot(&plugin_id(&id)?, &version, &name).await?;
    Ok(icon::picture(image, IMMUTABLE))
}
