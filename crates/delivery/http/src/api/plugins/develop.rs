//! `POST /admin/plugins/develop`: loads a bundle in the making, the body as it stands (C35). Only on a server that was
//! started for development.

use axum::body::Body;
use axum::extract::State;
use emdash_plugins::DevelopOutcome;

use crate::AppState;
use crate::request::{Authenticated, body};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    body: Body,
) -> Result<Done<DevelopOutcome>, Failure> {
    let bundle = body::read(body).await?;
    Ok(Done(state.plugins.develop(&caller, bundle).await?))
}
