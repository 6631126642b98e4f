//! `PUT /admin/plugins/{id}/mcp`: whether the plugin's tools are offered to MCP clients (plugin contract §7.2).

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Done, Failure};

#[derive(Deserialize)]
pub struct Body {
    enabled: bool,
}

#[derive(Serialize)]
pub struct Answer {
    enabled: bool,
    tools: Vec<Value>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Done<Answer>, Failure> {
    let info = state.plugins.offer_mcp_tools(&caller, &plugin_id(&id)?, body.enabled).await?;
    Ok(Done(Answer { enabled: info.mcp_tools_enabled, tools: info.mcp_tools }))
}
