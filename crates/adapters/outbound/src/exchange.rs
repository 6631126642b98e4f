//! One hop on the wire: a connection of its own to a vetted address, one request, the response's head.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use emdash_types::{Error, ErrorCode, Result};
use http::header::{HOST, HeaderMap, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Position, Url};

use crate::destination::Destination;
use crate::network::Network;

/// How long one of several addresses may keep a connection waiting before the next is tried.
const CONNECT_TURN: Duration = Duration::from_secs(2);
const MAX_RESPONSE_HEADERS: usize = 200;
const MAX_RESPONSE_HEAD_BYTES: usize = 64 * 1024;

/// A response whose body is still on its way; dropping this closes the connection.
pub(crate) struct Exchange {
    /// Head and body.
    pub(crate) response: Response<Incoming>,
    /// Drives the connection; aborts it when dropped.
    pub(crate) connection: JoinSet<()>,
}

/// Sends one request to a vetted destination.
pub(crate) async fn send(
    destination: &Destination,
    request: Request<Full<Bytes>>,
    tls: Option<&TlsConnector>,
    network: &dyn Network,
) -> Result<Exchange> {
    let host = &destination.host;
    let unreachable = |cause: io::Error| {
        Error::new(ErrorCode::NetworkFailed, format!("Cannot connect to {host}: {}", cause.kind()))
            .hint("Check that the remote server is up, then try again.")
            .caused_by(cause)
    };
    let stream = connect(&destination.addresses, network).await.map_err(unreachable)?;
    match tls {
        None => converse(stream, request, host).await,
        Some(tls) => {
            let name = ServerName::try_from(host.clone())
                .map_err(|cause| Error::field("url", format!("{host} is no host name")).caused_by(cause))?;
            let stream = tls.connect(name, stream).await.map_err(|cause| {
                Error::new(ErrorCode::NetworkFailed, format!("No secure connection to {host}: {cause}"))
                    .hint("The remote server's certificate must be valid for this host.")
            })?;
            converse(stream, request, host).await
        }
    }
}

/// The request of one hop, in origin form, with the `Host` of its URL.
pub(crate) fn request(
    url: &Url,
    method: &Method,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Request<Full<Bytes>>> {
    let unusable =
        |cause: http::Error| Error::field("url", "the address cannot be requested").caused_by(cause);
    let mut request = Request::builder()
        .method(method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .body(Full::new(body.clone()))
        .map_err(unusable)?;
    let host = HeaderValue::try_from(&url[Position::BeforeHost..Position::AfterPort]);
    *request.headers_mut() = headers.clone();
    request.headers_mut().insert(HOST, host.map_err(|cause| unusable(cause.into()))?);
    Ok(request)
}

/// What a connection amounts to that ends too early, or on which something else than HTTP within bounds arrives.
pub(crate) fn broken_off(host: &str, cause: hyper::Error) -> Error {
    Error::new(ErrorCode::NetworkFailed, format!("The answer of {host} broke off: {cause}"))
        .hint("Try again later.")
        .caused_by(cause)
}

async fn connect(addresses: &[SocketAddr], network: &dyn Network) -> io::Result<TcpStream> {
    let Some((&last, earlier)) = addresses.split_last() else {
        return Err(io::ErrorKind::AddrNotAvailable.into());
    };
    for &address in earlier {
        if let Ok(Ok(stream)) = timeout(CONNECT_TURN, network.connect(address)).await {
            return Ok(stream);
        }
    }
    network.connect(last).await
}

async fn converse<S>(stream: S, request: Request<Full<Bytes>>, host: &str) -> Result<Exchange>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, driver) = http1::Builder::new()
        .max_headers(MAX_RESPONSE_HEADERS)
        .max_buf_size(MAX_RESPONSE_HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|cause| broken_off(host, cause))?;
    let mut connection = JoinSet::new();
    connection.spawn(async move {
        // A failure reaches the request or its body as well, where it is reported.
        let _ = driver.await;
    });
    let response = sender.send_request(request).await.map_err(|cause| broken_off(host, cause))?;
    Ok(Exchange { response, connection })
}
