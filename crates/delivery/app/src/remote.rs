//! Talking to a running server, as the command line does.

use std::time::Duration;

use bytes::Bytes;
use emdash_outbound::{GuardedClient, OutboundConfig};
use emdash_ports::outbound::{EgressHosts, EgressPolicy, GuardedHttp, OutboundRequest, OutboundResponse};
use emdash_types::{Error, ErrorCode, Result, Secret};
use serde_json::Value;
use url::Url;

/// Largest answer read, bytes.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// Longest exchange.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server of ours.
pub(crate) struct Remote {
    base: Url,
    token: Option<Secret>,
    client: GuardedClient,
}

impl Remote {
    /// At an address given by the operator.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a text that is no http address.
    pub(crate) fn new(url: &str, token: Option<Secret>) -> Result<Self> {
        Ok(Self { base: parse_base(url)?, token, client: GuardedClient::new(OutboundConfig::default())? })
    }

    /// Sends a request with a JSON body; answers `data` of the envelope, or the server's refusal.
    ///
    /// # Errors
    /// The server's own, with its code; `NETWORK_FAILED` when it cannot be reached.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let content = body.map(|body| ("application/json".to_owned(), Bytes::from(body.to_string())));
        let answer = self.send(method, path, content).await?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status < 400 {
            return Ok(value.get("data").cloned().unwrap_or(value));
        }
        Err(refusal(answer.status, &value))
    }

    /// Sends a request with any body.
    ///
    /// # Errors
    /// `NETWORK_FAILED` and the like; a refusal of the server is an answer.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        content: Option<(String, Bytes)>,
    ) -> Result<OutboundResponse> {
        let url = self.base.join(path).map_err(|error| Error::field("path", error.to_string()))?;
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        if let Some(token) = &self.token {
            headers.push(("authorization".to_owned(), format!("Bearer {}", token.expose())));
        }
        let body = content.map_or_else(Bytes::new, |(kind, body)| {
            headers.push(("content-type".to_owned(), kind));
            body
        });
        let policy = EgressPolicy {
            hosts: EgressHosts::Operator(self.base.clone()),
            max_redirects: 0,
            max_response_bytes: MAX_ANSWER,
            deadline: DEADLINE,
        };
        let request = OutboundRequest { method: method.to_owned(), url, headers, body };
        self.client
            .send(request, &policy)
            .await
            .map_err(|error| error.hint(format!("Is a server running at {}?", self.base)))
    }
}

/// Reads the address of a server; a missing final slash is no matter.
///
/// # Errors
/// `VALIDATION_ERROR`.
pub(crate) fn parse_base(text: &str) -> Result<Url> {
    let with_slash = if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
    match Url::parse(&with_slash) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(Error::field("url", format!("\"{text}\" is not an address such as https://example.com"))),
    }
}

/// A server's refusal in our own terms: its code where we know it, its words in any case.
pub(crate) fn refusal(status: u16, body: &Value) -> Error {
    let fault = body.get("error").unwrap_or(&Value::Null);
    let text = |key: &str| fault.get(key).and_then(Value::as_str);
    let code = text("code").and_then(|name| ErrorCode::ALL.iter().copied().find(|code| code.name() == name));
    // A marketplace says `{error: "…"}` (plugin contract §8.1).
    let message = text("message")
        .or(fault.as_str())
        .map_or_else(|| format!("The server answered {status}."), str::to_owned);
    let code = code.unwrap_or(match status {
        401 => ErrorCode::InvalidToken,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        409 => ErrorCode::Conflict,
        413 => ErrorCode::PayloadTooLarge,
        500.. => ErrorCode::NetworkFailed,
        _ => ErrorCode::ValidationError,
    });
    let mut error = Error::new(code, message);
    if let Some(hint) = text("hint") {
        error = error.hint(hint);
    }
    match fault.get("details").or(body.get("details")) {
        Some(details) => error.details(details.clone()),
        None => error,
    }
}
