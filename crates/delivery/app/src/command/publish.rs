//! `emdash plugin publish`: checks a bundle here, then hands it to a marketplace (plugin contract §8.4).

use std::fmt;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use emdash_manifest::{Bundle, BundleLimits};
use emdash_types::{Error, ErrorCode, Result, Secret};
use serde::Serialize;
use serde_json::Value;

use crate::ambient;
use crate::remote::{Remote, refusal};

/// A published release.
#[derive(Debug, Serialize)]
pub struct PublishResult {
    /// The plugin's id.
    pub id: String,
    /// The version.
    pub version: String,
    /// `published`, or `pending` while it is reviewed.
    pub status: String,
    /// SHA-256 of the bundle, lower-case hex.
    pub checksum: String,
}

impl fmt::Display for PublishResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} (sha256 {})", self.id, self.version, self.status, self.checksum)
    }
}

/// Publishes a bundle. The first release of an id claims it for the publisher.
///
/// # Errors
/// What is wrong with the bundle; the marketplace's refusal; `CHECKSUM_MISMATCH` where it got other bytes.
pub async fn publish(bundle: &Path, marketplace: &str, token: Secret) -> Result<PublishResult> {
    let bytes = fs::read(bundle).map_err(|error| {
        Error::new(ErrorCode::InvalidBundle, format!("{}: {error}.", bundle.display()))
            .hint("`emdash plugin bundle DIR` makes a bundle.")
    })?;
    let checked = Bundle::read(&bytes, &BundleLimits::STANDARD)?;
    let (id, version) = (checked.manifest.id.to_string(), checked.manifest.version.to_string());
    let (content_type, body) = multipart(&bytes);
    let remote = Remote::new(marketplace, Some(token))?;
    let path = format!("api/v1/plugins/{id}/versions");
    let answer = remote.send("POST", &path, Some((content_type, body))).await?;
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status >= 400 {
        return Err(refusal(answer.status, &value));
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text("checksum") != checked.checksum {
        return Err(Error::new(
            ErrorCode::ChecksumMismatch,
            "The marketplace received other bytes than were sent.",
        ));
    }
    Ok(PublishResult { id, version, status: text("status"), checksum: checked.checksum })
}

/// One file field `bundle`, RFC 7578.
fn multipart(bundle: &[u8]) -> (String, Bytes) {
    let boundary = ambient::system().ulid();
    let mut body = Vec::with_capacity(bundle.len() + 256);
    body.extend_from_slice(
        format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"bundle\"; filename=\"bundle.tar.gz\"\r\n\
             content-type: application/gzip\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(bundle);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), Bytes::from(body))
}
