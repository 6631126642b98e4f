//! `GET /plugins/{id}/versions`.

use axum::Json;
use axum::extract::{Path, State};

use super::plugin_id;
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;
use crate::marketplace::wire::{Page, VersionSummary};

pub async fn versions(
    State(state): State<MarketplaceState>,
    Path(id): Path<String>,
) -> Result<Json<Page<VersionSummary>>, Refusal> {
    let releases = state.registry.versions(&plugin_id(&id)?).await?;
    Ok(Json(Page { items: releases.into_iter().map(VersionSummary::from).collect(), next_cursor: None }))
}
