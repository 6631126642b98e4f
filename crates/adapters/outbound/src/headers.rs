//! Request headers are vetted, response headers copied out.

use emdash_ports::outbound::OutboundRequest;
use emdash_types::{Error, Result};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

const USER_AGENT: &str = concat!("EmDash/", env!("CARGO_PKG_VERSION"));
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Headers that say where a message ends or what becomes of the connection: set by two parties, they disagree,
/// and the disagreement is an attack.
const CONNECTION_HEADERS: &[&str] = &[
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Credentials that must not follow a redirect to another origin (plugin contract §3.8).
const CREDENTIALS: [HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];

/// The headers of the first hop, with ours added; `Host` and `Content-Length` are written with each hop.
pub(crate) fn vet(request: &OutboundRequest) -> Result<HeaderMap> {
    let size: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if request.headers.len() > MAX_HEADERS || size > MAX_HEADER_BYTES {
        let count = request.headers.len();
        return Err(Error::field(
            "headers",
            format!(
                "{count} headers of {size} bytes; at most {MAX_HEADERS} of {MAX_HEADER_BYTES} bytes in all"
            ),
        ));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let parsed = HeaderName::try_from(name.as_str())
            .map_err(|_| Error::field("headers", format!("{name:?} is not a header name")))?;
        let value = header_value(value).ok_or_else(|| {
            let message = format!("the value of {name} has a line break, a control or a wide character");
            Error::field("headers", message)
        })?;
        if keep(&parsed, &value, request.body.len())? {
            headers.append(parsed, value);
        }
    }
    headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(headers)
}

/// The counterpart of [`pairs`]: each character is the byte of its number.
fn header_value(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Whether a header goes out as it is (`true`), is superseded by ours, or makes the request a refusal.
fn keep(name: &HeaderName, value: &HeaderValue, body_length: usize) -> Result<bool> {
    let truthful_length =
        *name == header::CONTENT_LENGTH && value.as_bytes() == body_length.to_string().as_bytes();
    if truthful_length || *name == header::ACCEPT_ENCODING {
        return Ok(false);
    }
    if *name == header::CONTENT_LENGTH || CONNECTION_HEADERS.contains(&name.as_str()) {
        return Err(Error::field("headers", format!("{name} cannot be set"))
            .hint("The server sets it from the address and the body; leave it out."));
    }
    Ok(true)
}

/// Forgets credentials for good: a later hop back to the first origin does not get them again.
pub(crate) fn strip_credentials(headers: &mut HeaderMap) {
    for name in &CREDENTIALS {
        headers.remove(name);
    }
}

/// Response headers as pairs; each byte becomes the character of its number, as `fetch` has it.
pub(crate) fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| value.as_bytes().iter().map(|&byte| char::from(byte)).collect();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}
