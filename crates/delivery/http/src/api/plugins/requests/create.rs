//! `POST /admin/plugins/requests`.

use axum::extract::State;
use serde::Deserialize;

use super::ItemAnswer;
use crate::AppState;
use crate::api::plugins::plugin_id;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Created, Failure};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    plugin_id: String,
    note: Option<String>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody<Body>,
) -> Result<Created<ItemAnswer>, Failure> {
    let plugin = plugin_id(&body.plugin_id)?;
    let request = state.plugins.request_plugin(&caller, &plugin, body.note).await?;
    Ok(Created(ItemAnswer { item: request.into() }))
}
