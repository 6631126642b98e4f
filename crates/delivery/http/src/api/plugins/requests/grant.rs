//! `POST /admin/plugins/requests/{id}/grant`: installs what was asked for.

use axum::extract::{Path, State};
use emdash_plugins::InstallOutcome;
use emdash_types::PluginRequestId;
use serde::Serialize;

use super::Item;
use crate::AppState;
use crate::api::plugins::install::Body;
use crate::request::{Authenticated, OptionalJsonBody};
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    item: Item,
    installed: InstallOutcome,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<Body>,
) -> Result<Done<Answer>, Failure> {
    let id = PluginRequestId::from(id);
    let granted = state.plugins.grant_plugin(&caller, &id, |plugin| body.into_request(plugin)).await?;
    let (request, installed) = granted;
    Ok(Done(Answer { item: request.into(), installed }))
}
