//! `POST /admin/plugins/{id}/enable`.

use axum::extract::{Path, State};

use super::{ItemAnswer, plugin_id};
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<ItemAnswer>, Failure> {
    let item = state.plugins.enable(&caller, &plugin_id(&id)?).await?;
    Ok(Done(ItemAnswer { item }))
}
