//! `ctx.http`: requests to the hosts the manifest declares; needs `network:request`.

use crate::Failure;
use crate::bindings::emdash::plugin::http;
pub use crate::bindings::emdash::plugin::http::{Request, Response};

/// Sends a request. Redirects are followed, and checked as the first address is.
///
/// # Errors
/// A refusal, such as `HOST_NOT_ALLOWED`. An answer with any status is no error.
pub fn fetch(request: &Request) -> Result<Response, Failure> {
    Ok(http::fetch(request)?)
}

/// Reads an address.
///
/// # Errors
/// As [`fetch`].
pub fn get(url: &str) -> Result<Response, Failure> {
    fetch(&Request { method: "GET".to_owned(), url: url.to_owned(), headers: Vec::new(), body: None })
}
