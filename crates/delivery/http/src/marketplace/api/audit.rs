//! `GET /plugins/{id}/versions/{version}/audit` and `…/image-audit`: the review as an audit row (§8.5).

use axum::Json;
use axum::extract::{Path, State};
use emdash_registry::{Check, Outcome, Review};
use emdash_types::{Error, ErrorCode, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::plugin_id;
use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;
use crate::marketplace::wire::Audit;

#[derive(Serialize)]
pub struct AuditRow {
    id: String,
    plugin_id: String,
    version: String,
    verdict: Outcome,
    risk_score: u8,
    summary: String,
    /// JSON text, as the contract has it.
    findings: String,
    model: Option<String>,
    created_at: Timestamp,
}

pub async fn audit(
    State(state): State<MarketplaceState>,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<AuditRow>, Refusal> {
    let release = state.registry.release(&plugin_id(&id)?, &version).await?;
    let review =
        Review::of(&release).ok_or_else(|| Error::new(ErrorCode::NotFound, "No audit result available"))?;
    let (findings, passed): (Vec<&Check>, Vec<&Check>) =
        review.checks.iter().partition(|check| check.outcome != Outcome::Pass);
    let findings = findings.iter().map(|check| {
        json!({"severity": "info", "title": check.name, "description": check.message, "category": "review"})
    });
    Ok(Json(AuditRow {
        id: release.id.to_string(),
        plugin_id: release.plugin_id.to_string(),
        version: release.version.clone(),
        verdict: review.verdict,
        risk_score: Audit::risk_score(review.verdict),
        summary: passed.iter().map(|check| check.message.as_str()).collect::<Vec<_>>().join(" "),
        findings: serde_json::Value::from_iter(findings).to_string(),
        model: None,
        created_at: release.created_at,
    }))
}

/// Images are checked to be images, not looked at.
pub async fn image_audit(
    State(state): State<MarketplaceState>,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<AuditRow>, Refusal> {
    state.registry.release(&plugin_id(&id)?, &version).await?;
    Err(Error::new(ErrorCode::NotFound, "No image audit result available").into())
}
