//! `GET /plugins/{id}`.

use axum::Json;
use axum::extract::{Path, State};

use super::plugin_id;
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;
use crate::marketplace::wire::Detail;

pub async fn detail(
    State(state): State<MarketplaceState>,
    Path(id): Path<String>,
) -> Result<Json<Detail>, Refusal> {
    let entry = state.registry.detail(&plugin_id(&id)?).await?;
    Ok(Json(Detail::new(entry, &state.public_url)))
}
