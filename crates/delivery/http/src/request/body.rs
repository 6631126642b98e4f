//! JSON bodies (CMS contract §1.2).

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use emdash_types::{Error, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::respond::Failure;

/// Largest JSON body, bytes.
const MAX_JSON: usize = 10 * 1024 * 1024;

/// A JSON body that must be there.
pub struct JsonBody<T>(pub T);

/// A JSON body that may be left out.
pub struct OptionalJsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self(parse(&read(request.into_body()).await?)?))
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = read(request.into_body()).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(T::default()));
        }
        Ok(Self(parse(&bytes)?))
    }
}

/// Reads a whole body, refusing one over the limit.
pub async fn read(body: Body) -> Result<bytes::Bytes, Failure> {
    to_bytes(body, MAX_JSON).await.map_err(|_| {
        Failure(Error::new(ErrorCode::PayloadTooLarge, format!("The body is larger than {MAX_JSON} bytes.")))
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|fault| refused(&fault.path().to_string(), fault.inner()))?;
    reader.end().map_err(|fault| refused("", &fault))?;
    Ok(value)
}

/// Names the member that does not fit, as `bylines[0].bylineId`; the path of the body itself is `.`.
fn refused(path: &str, fault: &serde_json::Error) -> Failure {
    if !fault.is_data() {
        let (line, column) = (fault.line(), fault.column());
        let message = format!("The body is not valid JSON (line {line}, column {column}).");
        return Failure(Error::new(ErrorCode::InvalidJson, message));
    }
    let path = if path == "." { "" } else { path };
    let issues = json!({"issues": [{"path": path, "message": fault.to_string()}]});
    Failure(Error::new(ErrorCode::ValidationError, format!("Invalid request data: {fault}")).details(issues))
}
