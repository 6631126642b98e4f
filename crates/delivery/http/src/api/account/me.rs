//! `GET /auth/me` (CMS contract §2.6).

use axum::extract::State;
use emdash_types::{Error, ErrorCode};
use serde::Serialize;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    id: String,
    email: String,
    name: Option<String>,
    role: u8,
    avatar_url: Option<String>,
    is_first_login: bool,
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<Me>, Failure> {
    let id = caller.user_id().ok_or_else(|| Error::new(ErrorCode::NotAuthenticated, "Not authenticated"))?;
    let user = state.identity.user(id).await?;
    Ok(Done(Me {
        id: user.id.to_string(),
        email: user.email,
        name: user.name,
        role: user.role.level(),
        avatar_url: None,
        is_first_login: false,
    }))
}
