//! `PUT /admin/plugins/{id}/settings`.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use emdash_plugins::{PluginSettings, SettingsChange};
use emdash_types::JsonMap;
use serde::Deserialize;

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Done, Failure};

/// Upstream's body is `{values}`; hosts of secrets and the version seen stand beside it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    values: JsonMap,
    secret_hosts: BTreeMap<String, Option<Vec<String>>>,
    version: Option<u64>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Done<PluginSettings>, Failure> {
    let Body { values, secret_hosts, version } = body;
    let change = SettingsChange { values, secret_hosts, version };
    Ok(Done(state.plugins.change_settings(&caller, &plugin_id(&id)?, change).await?))
}
