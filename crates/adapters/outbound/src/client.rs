//! The guarded client: vets every hop, follows redirects, keeps the deadline.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use emdash_ports::outbound::{EgressPolicy, GuardedHttp, OutboundRequest, OutboundResponse};
use emdash_types::{Error, ErrorCode, Result};
use http::header::LOCATION;
use http::{Method, Response, StatusCode};
use hyper::ext::ReasonPhrase;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::exchange::Exchange;
use crate::network::{Network, SystemNetwork};
use crate::{body, destination, exchange, headers, tls};

/// What the operator decides about outbound requests.
#[derive(Clone, Debug, Default)]
pub struct OutboundConfig {
    /// Names mapped by hand.
    pub static_hosts: Vec<StaticHost>,
}

/// A name the operator maps to an address, for internal services and split-horizon names. It connects there
/// whatever the URL's port, private address or not; the caller's host list applies to it as to any other.
#[derive(Clone, Debug)]
pub struct StaticHost {
    /// The host name as it stands in URLs.
    pub host: String,
    /// Where it is.
    pub address: SocketAddr,
}

/// The one way out.
pub struct GuardedClient {
    static_hosts: Vec<StaticHost>,
    network: Arc<dyn Network>,
    tls: TlsConnector,
}

impl GuardedClient {
    /// A client on the machine's own network.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` when TLS cannot be set up.
    pub fn new(config: OutboundConfig) -> Result<Self> {
        Self::with_network(config, Arc::new(SystemNetwork))
    }

    /// A client on another network, such as a scripted one.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` when TLS cannot be set up.
    pub fn with_network(config: OutboundConfig, network: Arc<dyn Network>) -> Result<Self> {
        let mut static_hosts = config.static_hosts;
        for known in &mut static_hosts {
            known.host = destination::normalise(&known.host);
        }
        Ok(Self { static_hosts, network, tls: tls::connector(tls::public_roots())? })
    }

    async fn follow(&self, request: &OutboundRequest, policy: &EgressPolicy) -> Result<OutboundResponse> {
        let method = method(&request.method)?;
        let mut headers = headers::vet(request)?;
        let mut url = request.url.clone();
        url.set_fragment(None);
        for _ in 0..=policy.max_redirects {
            let network = &*self.network;
            let destination = destination::vet(&url, &policy.hosts, &self.static_hosts, network).await?;
            let hop = exchange::request(&url, &method, &headers, &request.body)?;
            let tls = (url.scheme() == "https").then_some(&self.tls);
            let exchange = exchange::send(&destination, hop, tls, network).await?;
            let Some(next) = redirect_target(&exchange.response, &url)? else {
                return finish(exchange, url, policy.max_response_bytes, &destination.host).await;
            };
            if next.origin() != url.origin() {
                headers::strip_credentials(&mut headers);
            }
            url = next;
        }
        let max = policy.max_redirects;
        Err(Error::new(ErrorCode::TooManyRedirects, format!("Too many redirects (max {max})"))
            .hint("Ask for the final address directly."))
    }
}

#[async_trait]
impl GuardedHttp for GuardedClient {
    async fn send(&self, request: OutboundRequest, policy: &EgressPolicy) -> Result<OutboundResponse> {
        timeout(policy.deadline, self.follow(&request, policy)).await.unwrap_or_else(|_| {
            let host = request.url.host_str().unwrap_or_default();
            let message = format!("{host} did not answer in full within {:?}", policy.deadline);
            Err(Error::new(ErrorCode::NetworkFailed, message).hint("Try again later."))
        })
    }
}

/// Any method but those that would turn the connection into something else.
fn method(text: &str) -> Result<Method> {
    match Method::try_from(text) {
        Ok(method) if !matches!(text, "CONNECT" | "TRACE" | "TRACK") => Ok(method),
        _ => Err(Error::field("method", format!("{text:?} is not a method that can be sent"))),
    }
}

/// Where a response sends the client; a redirect without `Location` is an answer like any other.
fn redirect_target<B>(response: &Response<B>, url: &Url) -> Result<Option<Url>> {
    if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    let mut next = url.join(&String::from_utf8_lossy(location.as_bytes())).map_err(|cause| {
        let host = url.host_str().unwrap_or_default();
        Error::new(ErrorCode::NetworkFailed, format!("{host} redirects to something that is no address"))
            .caused_by(cause)
    })?;
    next.set_fragment(None);
    Ok(Some(next))
}

async fn finish(exchange: Exchange, url: Url, limit: usize, host: &str) -> Result<OutboundResponse> {
    let Exchange { response, connection } = exchange;
    let (mut head, incoming) = response.into_parts();
    let body = body::read(incoming, &mut head.headers, limit, host).await?;
    drop(connection);
    let status_text = match head.extensions.get::<ReasonPhrase>() {
        Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
        None => head.status.canonical_reason().unwrap_or_default().to_owned(),
    };
    let headers = headers::pairs(&head.headers);
    Ok(OutboundResponse { status: head.status.as_u16(), status_text, headers, body, url })
}
