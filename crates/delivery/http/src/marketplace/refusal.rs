//! The marketplace's own error form: `{error, …}` without envelope (plugin contract §8.1).

use axum::Json;
use axum::response::{IntoResponse, Response};
use emdash_types::{Error, ErrorCode, ErrorKind};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::respond::log;

/// An error on its way out of the marketplace's API.
pub struct Refusal {
    error: Error,
    status: StatusCode,
}

impl Refusal {
    /// With a status other than the code's own, where the contract wants one.
    pub fn with_status(error: Error, status: StatusCode) -> Self {
        Self { error, status }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error.code().kind() {
            // The contract knows no 422: a bundle or manifest that breaks a rule is a bad request.
            ErrorKind::Unprocessable => StatusCode::BAD_REQUEST,
            kind => StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        };
        Self { error, status }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { error, status } = self;
        log(&error);
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(error.message()));
        body.insert("code".to_owned(), json!(error.code().name()));
        if let Some(hint) = error.hint_text() {
            body.insert("hint".to_owned(), json!(hint));
        }
        for (key, value) in error.details_value().and_then(Value::as_object).into_iter().flatten() {
            // Issues are called `details` here; other facts stand beside the error.
            let key = if key == "issues" { "details" } else { key };
            body.entry(key).or_insert_with(|| value.clone());
        }
        let mut response = (status, Json(body)).into_response();
        if error.code() == ErrorCode::RateLimited {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}
