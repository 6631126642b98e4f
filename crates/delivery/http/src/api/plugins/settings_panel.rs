//! `POST /admin/plugins/{id}/settings-panel`: the panel a plugin draws itself (A5 `admin:settings_panel`).

use axum::extract::{Path, State};
use serde_json::Value;

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    JsonBody(interaction): JsonBody<Value>,
) -> Result<Done<Value>, Failure> {
    Ok(Done(state.plugins.settings_panel(&caller, &plugin_id(&id)?, &interaction).await?))
}
