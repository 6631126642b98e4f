//! JSON bodies in the marketplace's error form.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use emdash_types::{Error, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::marketplace::refusal::Refusal;

/// Largest JSON body, bytes; the largest listing is a tenth of it.
const MAX: usize = 64 * 1024;

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = to_bytes(request.into_body(), MAX)
            .await
            .map_err(|_| Error::new(ErrorCode::PayloadTooLarge, format!("Body exceeds {MAX} byte limit")))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|fault| {
            if !fault.is_data() {
                return Error::new(ErrorCode::InvalidJson, "Invalid JSON").into();
            }
            let issues = json!({"issues": [{"path": "", "message": fault.to_string()}]});
            Error::new(ErrorCode::ValidationError, "Validation error").details(issues).into()
        })
    }
}
