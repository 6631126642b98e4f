//! `GET /admin/plugins/{id}/settings`.

use axum::extract::{Path, State};
use emdash_plugins::PluginSettings;

use super::plugin_id;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<PluginSettings>, Failure> {
    Ok(Done(state.plugins.settings(&caller, &plugin_id(&id)?).await?))
}
