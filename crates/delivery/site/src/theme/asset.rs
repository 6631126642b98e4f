//! Files a page refers to. Their content's hash stands in their address, so browsers keep them for good.

use std::fmt::Write;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Characters of the hash in an address.
const HASH_LENGTH: usize = 10;

/// A file of the theme.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: &'static str,
    pub(crate) hash: String,
}

impl Asset {
    pub(crate) fn new(path: &str, bytes: Vec<u8>) -> Self {
        let mut hash = String::with_capacity(HASH_LENGTH);
        for byte in Sha256::digest(&bytes).iter().take(HASH_LENGTH / 2) {
            // Writing into a string cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        Self { bytes: bytes.into(), content_type: content_type(path), hash }
    }
}

/// `css/style.css` and a hash make `css/style.0123456789.css`.
pub(crate) fn with_hash(path: &str, hash: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => path.to_owned(),
    }
}

/// The reverse of [`with_hash`].
pub(crate) fn split_hash(path: &str) -> Option<(String, &str)> {
    let (front, extension) = path.rsplit_once('.')?;
    let (stem, hash) = front.rsplit_once('.')?;
    let is_hash = hash.len() == HASH_LENGTH && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| (format!("{stem}.{extension}"), hash))
}

fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_leads_back_to_its_file() {
        let asset = Asset::new("css/a.min.css", b"x".to_vec());
        let hashed = with_hash("css/a.min.css", &asset.hash);
        assert_eq!(split_hash(&hashed), Some(("css/a.min.css".to_owned(), asset.hash.as_str())));
        assert_eq!(split_hash("css/a.min.css"), None);
    }
}
