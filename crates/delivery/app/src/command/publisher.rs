//! `emdash publisher add`.

use std::fmt;

use emdash_types::{ErrorCode, Result};
use serde::Serialize;

use crate::DataDir;
use crate::ambient;
use crate::marketplace::registry;

/// A publisher with a fresh token.
#[derive(Debug, Serialize)]
pub struct PublisherResult {
    /// Name for people.
    pub name: String,
    /// Address.
    pub email: String,
    /// Publisher token, shown this once.
    pub token: String,
}

impl fmt::Display for PublisherResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Publisher {} <{}>", self.name, self.email)?;
        write!(f, "Publisher token (shown this once): {}", self.token)
    }
}

/// Adds a publisher to this machine's marketplace; one who is known gets a further token.
///
/// # Errors
/// `VALIDATION_ERROR` for a bad name or address.
pub async fn publisher_add(data: &DataDir, name: &str, email: &str) -> Result<PublisherResult> {
    let registry = registry(data, ambient::system(), None)?;
    let (publisher, token) = match registry.publisher_add(name, email).await {
        Err(error) if error.code() == ErrorCode::Conflict => registry.publisher_token_issue(email).await?,
        other => other?,
    };
    Ok(PublisherResult { name: publisher.name, email: publisher.email, token: token.expose().to_owned() })
}
