//! `GET /admin/plugin-recording`: which calls are recorded.

use axum::extract::State;
use emdash_plugins::RecordingPolicy;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<RecordingPolicy>, Failure> {
    Ok(Done(state.plugins.recording_policy(&caller)?))
}
