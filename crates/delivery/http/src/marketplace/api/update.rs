//! `PUT /plugins/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use emdash_registry::ListingChange;

use super::body::Body;
use super::plugin_id;
use crate::marketplace::MarketplaceState;
use crate::marketplace::publisher::Publishing;
use crate::marketplace::refusal::Refusal;
use crate::marketplace::wire::ListingRow;

pub async fn update(
    State(state): State<MarketplaceState>,
    Publishing(publisher): Publishing,
    Path(id): Path<String>,
    Body(change): Body<ListingChange>,
) -> Result<Json<ListingRow>, Refusal> {
    let listing = state.registry.listing_update(&publisher, &plugin_id(&id)?, change).await?;
    Ok(Json(listing.into()))
}
