//! `PUT /admin/plugin-recording`: which calls are recorded, from the next one on.

use axum::extract::State;
use emdash_plugins::RecordingPolicy;

use crate::AppState;
use crate::request::{Authenticated, JsonBody};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(policy): JsonBody<RecordingPolicy>,
) -> Result<Done<RecordingPolicy>, Failure> {
    Ok(Done(state.plugins.set_recording_policy(&caller, policy).await?))
}
