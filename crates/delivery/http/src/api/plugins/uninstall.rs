//! `POST /admin/plugins/{id}/uninstall`.

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, OptionalJsonBody};
use crate::respond::{Done, Failure};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    delete_data: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    plugin_id: String,
    data_deleted: bool,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<Body>,
) -> Result<Done<Answer>, Failure> {
    let plugin = plugin_id(&id)?;
    let data_deleted = state.plugins.uninstall(&caller, &plugin, body.delete_data).await?;
    Ok(Done(Answer { plugin_id: plugin.into(), data_deleted }))
}
