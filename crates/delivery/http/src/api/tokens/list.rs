//! `GET /admin/api-tokens`.

use axum::extract::State;
use serde::Serialize;

use super::TokenItem;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    items: Vec<TokenItem>,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<Answer>, Failure> {
    let tokens = state.identity.token_list(&caller).await?;
    Ok(Done(Answer { items: tokens.into_iter().map(TokenItem::from).collect() }))
}
