//! `POST /admin/plugin-calls/{id}/replay`: plays a recorded call; nothing is called and nothing is changed.

use axum::extract::{Path, State};
use emdash_plugins::ReplayReport;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<ReplayReport>, Failure> {
    Ok(Done(state.plugins.replay(&caller, &id.into()).await?))
}
