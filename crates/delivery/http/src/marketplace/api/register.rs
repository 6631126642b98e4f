//! `POST /plugins`.

use axum::Json;
use axum::extract::State;
use emdash_registry::NewListing;
use http::StatusCode;

use super::body::Body;
use crate::marketplace::MarketplaceState;
use crate::marketplace::publisher::Publishing;
use crate::marketplace::refusal::Refusal;
use crate::marketplace::wire::ListingRow;

pub async fn register(
    State(state): State<MarketplaceState>,
    Publishing(publisher): Publishing,
    Body(new): Body<NewListing>,
) -> Result<(StatusCode, Json<ListingRow>), Refusal> {
    let listing = state.registry.listing_register(&publisher, new).await?;
    Ok((StatusCode::CREATED, Json(listing.into())))
}
