//! `emdash token create`.

use std::fmt;

use emdash_identity::{IdentityService, NewToken};
use emdash_types::{Error, Result, Scope};
use serde::Serialize;

use crate::DataDir;
use crate::ambient;
use crate::stores::open_existing_site;

/// A new token.
#[derive(Debug, Serialize)]
pub struct TokenResult {
    /// Its owner.
    pub email: String,
    /// Its text, shown this once.
    pub token: String,
}

impl fmt::Display for TokenResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access token of {} (shown this once): {}", self.email, self.token)
    }
}

/// Makes a personal access token for a user. Whoever may read the data directory may do so.
///
/// # Errors
/// `NOT_FOUND` for an unknown address, `VALIDATION_ERROR` for an unknown scope.
pub async fn token_create(data: &DataDir, email: &str, name: &str, scopes: &[String]) -> Result<TokenResult> {
    let scopes: Vec<Scope> = scopes
        .iter()
        .map(|scope| Scope::try_from(scope.clone()).map_err(|message| Error::field("scope", message)))
        .collect::<Result<_>>()?;
    let identity = IdentityService::new(open_existing_site(data)?, ambient::system());
    let user = identity.user_by_email(email).await?;
    let new = NewToken { name: name.to_owned(), scopes, expires_at: None };
    let (text, _) = identity.token_issue(&user.id, new).await?;
    Ok(TokenResult { email: user.email, token: text.expose().to_owned() })
}
