//! `POST /plugins/{id}/installs`: without sign-in, limited per address.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::FromRequest;
use axum::extract::{ConnectInfo, Path, Request, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::plugin_id;
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    site_hash: String,
    version: String,
}

pub async fn report(
    State(state): State<MarketplaceState>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // Without an address, all share one allowance.
    let reporter = peer.map_or_else(|| "unknown".to_owned(), |ConnectInfo(peer)| peer.ip().to_string());
    let Body(report) = Body::<Report>::from_request(request, &state).await?;
    let id = plugin_id(&id)?;
    state.registry.report_install(&id, &report.site_hash, &report.version, &reporter).await?;
    Ok(Json(json!({"ok": true})))
}
