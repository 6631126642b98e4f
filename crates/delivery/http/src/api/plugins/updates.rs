//! `GET /admin/plugins/updates`: what the marketplace has newer versions of.

use axum::extract::State;
use emdash_plugins::UpdateCheck;
use serde::Serialize;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    items: Vec<UpdateCheck>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<Answer>, Failure> {
    Ok(Done(Answer { items: state.plugins.updates(&caller).await? }))
}
