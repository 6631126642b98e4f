//! Reads a response body within its byte cap, undoing gzip on the way.

use std::io::{self, ErrorKind, Write};

use bytes::Bytes;
use emdash_types::{Error, ErrorCode, Result};
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::exchange::broken_off;

/// The decoded body; `headers` lose what no longer describes it.
pub(crate) async fn read(
    mut body: Incoming,
    headers: &mut HeaderMap,
    limit: usize,
    host: &str,
) -> Result<Bytes> {
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit, host));
    }
    let mut sink = Sink::new(headers, limit);
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| broken_off(host, cause))?;
        let Ok(data) = frame.into_data() else { continue };
        // Empty gzip members decode to nothing for ever, so what arrives is capped as well.
        received += data.len();
        if received > limit {
            return Err(too_large(limit, host));
        }
        sink.write(&data).map_err(|cause| undecodable(cause, limit, host))?;
    }
    if received == 0 {
        return Ok(Bytes::new());
    }
    if matches!(sink, Sink::Gzip(_)) {
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
    }
    sink.finish().map(Bytes::from).map_err(|cause| undecodable(cause, limit, host))
}

fn undecodable(cause: io::Error, limit: usize, host: &str) -> Error {
    if cause.kind() == ErrorKind::FileTooLarge {
        return too_large(limit, host);
    }
    Error::new(ErrorCode::NetworkFailed, format!("The answer of {host} is not the gzip it claims to be"))
        .caused_by(cause)
}

fn too_large(limit: usize, host: &str) -> Error {
    Error::new(ErrorCode::ResponseTooLarge, format!("The answer of {host} is larger than {limit} bytes"))
        .hint("Ask for less at once, such as a smaller page.")
}

enum Sink {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

impl Sink {
    fn new(headers: &HeaderMap, limit: usize) -> Self {
        let capped = Capped { bytes: Vec::new(), limit };
        let coding = headers.get(CONTENT_ENCODING).map_or(&[][..], |coding| coding.as_bytes());
        if coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip") {
            Self::Gzip(Box::new(MultiGzDecoder::new(capped)))
        } else {
            Self::Plain(capped)
        }
    }

    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(capped) => capped.write_all(data),
            Self::Gzip(decoder) => decoder.write_all(data),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(capped) => Ok(capped.bytes),
            Self::Gzip(decoder) => Ok(decoder.finish()?.bytes),
        }
    }
}

/// A buffer that refuses to outgrow its limit, so a bomb stops where it bursts.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Capped {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.len() > self.limit - self.bytes.len() {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
