//! `ctx.http.fetch` (plugin contract §3.7, §3.8).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_ports::outbound::{EgressPolicy, OutboundRequest, OutboundResponse};
use emdash_types::{Error, ErrorCode, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::Broker;
use super::arguments::Arguments;
use crate::words::shown;

/// Redirects followed (plugin contract §3.8).
const MAX_REDIRECTS: u8 = 5;

/// Requests of one execution under way at once; more wait their turn. Answers are held whole, outside the guest's
/// own memory limit, so this bounds what a plugin can make the host hold.
pub(super) const REQUESTS_AT_ONCE: usize = 6;

/// A request as the guest describes it.
#[derive(Deserialize)]
struct Request {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    /// Base64.
    body: Option<String>,
}

impl Broker {
    pub(super) fn fetch(&self, arguments: &Arguments<'_>) -> Result<BoxFuture<'static, Result<String>>> {
        let request: Request = arguments.required(0, "request", "{url, method, headers, body}")?;
        let mut request = outbound(request)?;
        self.ledger.count_network_call()?;
        let secrets = self.fill_secrets(&mut request)?;
        let budgets = &self.plugin.manifest.budgets;
        let policy = EgressPolicy {
            hosts: secrets.egress(self.plugin.egress()),
            max_redirects: MAX_REDIRECTS,
            max_response_bytes: budgets.response_bytes,
            // A hook nobody waits for may wait as long as it has time.
            deadline: budgets.route_wall.max(self.ledger.wall()),
        };
        let site = Arc::clone(&self.site);
        let turns = Arc::clone(&self.requests);
        Ok(async move {
            let _turn = turns.acquire().await.map_err(Error::internal)?;
            let mut response = site.parts.http.send(request, &policy).await?;
            secrets.redact(&mut response);
            Ok(answer(&response))
        }
        .boxed())
    }
}

fn outbound(request: Request) -> Result<OutboundRequest> {
    let url = Url::parse(&request.url).map_err(|error| {
        Error::new(ErrorCode::ValidationError, format!("Invalid URL: {}", shown(&request.url)))
            .caused_by(error)
    })?;
    let body = match request.body {
        Some(text) => STANDARD.decode(text).map_err(|error| {
            Error::new(ErrorCode::ValidationError, "Parameter body must be base64").caused_by(error)
        })?,
        None => Vec::new(),
    };
    Ok(OutboundRequest { method: request.method, url, headers: request.headers, body: body.into() })
}

fn answer(response: &OutboundResponse) -> String {
    json!({
        "status": response.status,
        "statusText": response.status_text,
        "url": response.url.as_str(),
        "headers": response.headers,
        "body": STANDARD.encode(&response.body),
    })
    .to_string()
}
