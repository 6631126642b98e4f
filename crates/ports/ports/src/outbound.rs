//! HTTP to the outside, behind one guard: resolve, filter, pin, per-hop check, byte and time limits.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use emdash_manifest::HostPattern;
use emdash_types::Result;
use url::Url;

/// Where a request may go. Private and internal addresses are refused in every case but the last.
#[derive(Clone, Debug)]
pub enum EgressHosts {
    /// Any public host (`network:request:unrestricted`).
    AnyPublic,
    /// Public hosts that match one of the patterns (A6); an empty list allows none.
    Listed(Vec<HostPattern>),
    /// One address the operator configured, such as the site's marketplace: that origin only, wherever it resolves.
    Operator(Url),
}

/// The limits of one request, redirects included. All are required.
#[derive(Clone, Debug)]
pub struct EgressPolicy {
    /// Where the request and each redirect may go.
    pub hosts: EgressHosts,
    /// Redirects followed at the most.
    pub max_redirects: u8,
    /// Longest accepted response body, in bytes after content decoding.
    pub max_response_bytes: usize,
    /// Time from the first byte sent to the last received, all hops together.
    pub deadline: Duration,
}

/// A request, fully buffered.
#[derive(Clone, Debug)]
pub struct OutboundRequest {
    /// The method, upper case.
    pub method: String,
    /// The absolute URL.
    pub url: Url,
    /// Header pairs in order; names may repeat.
    pub headers: Vec<(String, String)>,
    /// The body, empty for none.
    pub body: Bytes,
}

/// A response, fully buffered.
#[derive(Clone, Debug)]
pub struct OutboundResponse {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub status_text: String,
    /// Header pairs in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body after content decoding.
    pub body: Bytes,
    /// The URL that answered, after redirects.
    pub url: Url,
}

/// The one way out.
#[async_trait]
pub trait GuardedHttp: Send + Sync {
    /// Sends a request under a policy.
    ///
    /// # Errors
    /// `HOST_NOT_ALLOWED`, `ADDRESS_BLOCKED`, `TOO_MANY_REDIRECTS`, `RESPONSE_TOO_LARGE`, `NETWORK_FAILED`.
    async fn send(&self, request: OutboundRequest, policy: &EgressPolicy) -> Result<OutboundResponse>;
}
