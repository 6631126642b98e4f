//! `GET /admin/plugin-calls/{id}`: a recorded call with everything that happened in it.

use axum::extract::{Path, State};
use emdash_plugins::CallRecording;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<CallRecording>, Failure> {
    Ok(Done(state.plugins.recorded_call(&caller, &id.into()).await?))
}
