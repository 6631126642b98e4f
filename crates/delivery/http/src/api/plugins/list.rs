//! `GET /admin/plugins`.

use axum::extract::State;
use emdash_plugins::PluginInfo;
use serde::Serialize;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    items: Vec<PluginInfo>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<Answer>, Failure> {
    Ok(Done(Answer { items: state.plugins.list(&caller).await? }))
}
