//! `POST /admin/plugins/{id}/rollback`: to the version before the last update, code and data.

use axum::extract::{Path, State};
use emdash_plugins::RollbackOutcome;

use super::plugin_id;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<RollbackOutcome>, Failure> {
    Ok(Done(state.plugins.roll_back(&caller, &plugin_id(&id)?).await?))
}
