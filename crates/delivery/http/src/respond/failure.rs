//! `{"success":false,"error":{…}}`: the one place where an error becomes a response.

use axum::Json;
use axum::response::{IntoResponse, Response};
use emdash_types::{Error, ErrorKind};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::envelope::PRIVATE;
use crate::request::request_id;

/// Where the meaning of every code is written down.
const DOCUMENTATION: &str = "docs/errors.md#";

/// An error on its way out. Its cause goes to the log, the rest to the caller.
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    success: bool,
    error: Fault<'a>,
}

#[derive(Serialize)]
struct Fault<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    doc: String,
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = self.0;
        log(&error);
        let code = error.code();
        let body = Body {
            success: false,
            error: Fault {
                code: code.name(),
                message: error.message(),
                details: error.details_value(),
                hint: error.hint_text(),
                doc: format!("{DOCUMENTATION}{}", code.name().to_lowercase()),
                request_id: request_id::current(),
            },
        };
        let status = StatusCode::from_u16(code.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
        if code.kind() == ErrorKind::RateLimited {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

/// Writes what the caller must not see to the log.
pub fn log(error: &Error) {
    let Some(cause) = error.cause() else { return };
    let mut chain = cause.to_string();
    let mut source = cause.source();
    while let Some(next) = source {
        chain.push_str(": ");
        chain.push_str(&next.to_string());
        source = next.source();
    }
    tracing::error!(error.code = error.code().name(), error.cause = chain, "request failed");
}
