//! Query strings (CMS contract §1.2): the last of repeated keys wins, errors name the key.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use emdash_types::{Error, ErrorCode};
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::respond::Failure;

/// A typed query string. Numbers arrive as text; fields use types that read text.
pub struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let text = parts.uri.query().unwrap_or_default();
        let last: BTreeMap<String, String> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let pairs = form_urlencoded::Serializer::new(String::new()).extend_pairs(&last).finish();
        serde_urlencoded::from_str(&pairs).map(Self).map_err(|fault| {
            let issues = json!({"issues": [{"path": "query", "message": fault.to_string()}]});
            let message = format!("Invalid query: {fault}");
            Failure(Error::new(ErrorCode::ValidationError, message).details(issues))
        })
    }
}
