//! `POST /admin/plugins/{id}/update`.

use axum::extract::{Path, State};
use emdash_plugins::{Access, UpdateConsent, UpdateOutcome, UpdateRequest};
use serde::Deserialize;

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, OptionalJsonBody};
use crate::respond::{Done, Failure};

/// The contract's body; `confirm` agrees to everything, `access` to exactly this.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    version: Option<String>,
    confirm_capability_changes: bool,
    confirm_route_visibility_changes: bool,
    confirm_mcp_tools: bool,
    confirm: bool,
    access: Option<Access>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<Body>,
) -> Result<Done<UpdateOutcome>, Failure> {
    let consent = UpdateConsent {
        capabilities: body.confirm || body.confirm_capability_changes,
        routes: body.confirm || body.confirm_route_visibility_changes,
        mcp_tools: body.confirm || body.confirm_mcp_tools,
        access: body.access,
    };
    let request = UpdateRequest { id: plugin_id(&id)?, version: body.version, consent };
    Ok(Done(state.plugins.update(&caller, request).await?))
}
