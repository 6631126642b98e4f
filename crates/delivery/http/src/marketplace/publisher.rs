//! Who publishes (plugin contract §8.2).

use axum::extract::FromRequestParts;
use emdash_store::registry::Publisher;
use emdash_types::{Error, ErrorCode, Secret};
use http::header;
use http::request::Parts;

use super::MarketplaceState;
use super::refusal::Refusal;

/// The publisher whose token the request carries; anybody else is refused.
pub struct Publishing(pub Publisher);

impl FromRequestParts<MarketplaceState> for Publishing {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &MarketplaceState) -> Result<Self, Refusal> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
            return Err(Error::new(ErrorCode::NotAuthenticated, "Authorization header required")
                .hint("Send `Authorization: Bearer` with a publisher token.")
                .into());
        };
        let token = Secret::new(token.trim().to_owned());
        Ok(Self(state.registry.publisher_by_token(&token).await?))
    }
}
