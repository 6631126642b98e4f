//! A `Response` as the guest hands it over (`finishResponse` of `engine/prelude/entry.js`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_ports::runtime::{GuestResponse, GuestStop};
use serde::Deserialize;

#[derive(Deserialize)]
struct Handed {
    thrown: bool,
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Body {
    Text(String),
    /// Base64 of what is not UTF-8.
    Bytes(String),
}

pub(crate) fn read(text: &str) -> Result<GuestResponse, GuestStop> {
    let unusable = |reason: String| GuestStop::OutputInvalid { reason };
    let Handed { thrown, status, headers, body } =
        serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
    let body = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Bytes(base64) => STANDARD.decode(base64).map_err(|error| unusable(error.to_string()))?,
    };
    Ok(GuestResponse { thrown, status, headers, body })
}
