//! `POST /admin/plugins/requests/{id}/decline`.

use axum::extract::{Path, State};
use emdash_types::PluginRequestId;
use serde::Deserialize;

use super::ItemAnswer;
use crate::AppState;
use crate::request::{Authenticated, OptionalJsonBody};
use crate::respond::{Done, Failure};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Body {
    reason: Option<String>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<Body>,
) -> Result<Done<ItemAnswer>, Failure> {
    let request = state.plugins.decline_plugin(&caller, &PluginRequestId::from(id), body.reason).await?;
    Ok(Done(ItemAnswer { item: request.into() }))
}
