//! A rendered page as it is kept and sent: validator, headers, and its compressed form, each made once.

use std::io::Write;
use std::sync::OnceLock;

use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use emdash_document::render::FRAME_HOSTS;
use emdash_site::SiteResponse;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

/// Shorter bodies gain nothing from compression.
const WORTH_COMPRESSING: usize = 1024;

/// A page ready to be sent any number of times.
pub struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    etag: Option<HeaderValue>,
    body: Bytes,
    compressible: bool,
    compressed: OnceLock<Bytes>,
}

impl Kept {
    pub fn new(response: SiteResponse) -> Self {
        let mut headers = HeaderMap::new();
        let mut set = |name, text: &str| {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        };
        set(header::CONTENT_TYPE, &response.content_type);
        set(header::CACHE_CONTROL, response.cache_control);
        if let Some(location) = &response.location {
            set(header::LOCATION, location);
        }
        if response.content_type.starts_with("text/html") {
            set(header::CONTENT_SECURITY_POLICY, &content_security_policy());
        }
        let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let etag = (status == StatusCode::OK).then(|| etag(&response.body)).flatten();
        if let Some(etag) = &etag {
            headers.insert(header::ETAG, etag.clone());
        }
        let compressible = is_text(&response.content_type) && response.body.len() >= WORTH_COMPRESSING;
        if compressible {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        Self { status, headers, etag, body: response.body, compressible, compressed: OnceLock::new() }
    }

    /// Memory it takes, bytes, roughly.
    pub fn weight(&self) -> usize {
        // The compressed form is about a quarter of the text.
        self.body.len() + self.body.len() / 4 + 512
    }

    /// The answer to a request with these headers.
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = self.headers.clone();
        if self.etag.as_ref().is_some_and(|etag| matches_etag(asked, etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        *response.status_mut() = self.status;
        if self.compressible && accepts_gzip(asked) {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            *response.body_mut() = Body::from(self.compressed.get_or_init(|| compress(&self.body)).clone());
        } else {
            *response.body_mut() = Body::from(self.body.clone());
        }
        response
    }
}

/// Scripts from the site alone and none inline, so that nothing in content can run; frames of known players only.
fn content_security_policy() -> String {
    let frames: Vec<String> = FRAME_HOSTS.iter().map(|host| format!("https://{host}")).collect();
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src * data:; media-src *; \
         frame-src {}; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
        frames.join(" ")
    )
}

/// A weak validator (RFC 9110 §8.8.1): the same for the plain and the compressed form.
fn etag(body: &Bytes) -> Option<HeaderValue> {
    let digest = Sha256::digest(body);
    let short = digest.first_chunk::<12>()?;
    HeaderValue::from_str(&format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(short))).ok()
}

fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/") || content_type.contains("xml") || content_type.contains("json")
}

fn compress(body: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::default());
    // Writing to memory cannot fail; were it to, the reader would see a broken stream, not a wrong page.
    let _ = encoder.write_all(body);
    Bytes::from(encoder.finish().unwrap_or_default())
}

/// Whether `Accept-Encoding` allows gzip (RFC 9110 §12.5.3).
fn accepts_gzip(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = lists.flat_map(|list| list.split(','));
    codings.any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Whether `If-None-Match` names the validator (RFC 9110 §13.1.2, weak comparison).
fn matches_etag(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let Some(list) = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let ours = opaque(etag.to_str().unwrap_or_default());
    list.split(',').map(opaque).any(|theirs| theirs == "*" || theirs == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: header::HeaderName, text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(text))])
    }

    #[test]
    fn a_validator_is_compared_whatever_its_strength() {
        let etag = HeaderValue::from_static("W/\"abc\"");
        for text in ["W/\"abc\"", "\"abc\"", "\"x\", W/\"abc\"", "*"] {
            assert!(matches_etag(&asked(header::IF_NONE_MATCH, text), &etag), "{text}");
        }
        assert!(!matches_etag(&asked(header::IF_NONE_MATCH, "\"abcd\""), &etag));
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        for (text, takes) in
            [("gzip, br", true), ("br;q=1.0, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false)]
        {
            assert_eq!(accepts_gzip(&asked(header::ACCEPT_ENCODING, text)), takes, "{text}");
        }
    }
}
