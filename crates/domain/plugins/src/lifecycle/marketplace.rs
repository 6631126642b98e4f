//! The marketplace, as a site sees it (plugin contract §8.3, §8.8).

use std::time::Duration;

use bytes::Bytes;
use emdash_manifest::{Bundle, BundleLimits, Capability, CapabilitySet};
use emdash_ports::outbound::{EgressHosts, EgressPolicy, OutboundRequest, OutboundResponse};
use emdash_types::{Error, ErrorCode, PluginId, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::host::Site;
use crate::words::shown;

const MAX_REDIRECTS: u8 = 5;
const DEADLINE: Duration = Duration::from_secs(30);
/// Longest JSON answer: a version list with long changelogs.
const MAX_JSON_BYTES: usize = 4 * 1024 * 1024;
/// Largest icon.
const MAX_ICON_BYTES: usize = 1024 * 1024;

/// A release as the marketplace lists it.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) version: String,
    pub(super) checksum: String,
    pub(super) capabilities: CapabilitySet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    name: String,
    description: Option<String>,
    latest_version: Option<Version>,
}

#[derive(Deserialize)]
struct Versions {
    items: Vec<Version>,
}

/// A version, in the detail (`audit`) or in the list (`auditVerdict`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    version: String,
    checksum: Option<String>,
    status: Option<String>,
    #[serde(default)]
    capabilities: Vec<String>,
    audit: Option<Audit>,
    audit_verdict: Option<String>,
}

#[derive(Deserialize)]
struct Audit {
    verdict: Option<String>,
}

impl Version {
    fn capabilities(&self) -> CapabilitySet {
        self.capabilities.iter().filter_map(|name| Capability::by_name(name)).collect()
    }
}

/// One marketplace.
pub(super) struct Marketplace<'a> {
    site: &'a Site,
    base: &'a Url,
}

impl<'a> Marketplace<'a> {
    pub(super) fn of(site: &'a Site) -> Result<Self> {
        let base = site.parts.marketplace.as_ref().ok_or_else(|| {
            Error::new(ErrorCode::MarketplaceNotConfigured, "The site has no marketplace to install from.")
                .hint("Start the server with the role that includes it, or give its address with --marketplace.")
        })?;
        Ok(Self { site, base })
    }

    /// The latest version with the capabilities it asks for; `None` where the marketplace does not have the plugin, or
    /// no version of it.
    pub(super) async fn latest(&self, id: &PluginId) -> Result<Option<(String, CapabilitySet)>> {
        let detail: Detail = match self.json(&[id.as_str()], id).await {
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            detail => detail?,
        };
        Ok(detail.latest_version.map(|latest| {
            let capabilities = latest.capabilities();
            (latest.version, capabilities)
        }))
    }

    /// Why a version must not run any more: it was withdrawn, or the review found something since. `None` also where
    /// the marketplace does not know the plugin at all: then it is another marketplace.
    pub(super) async fn objection(&self, id: &PluginId, version: &str) -> Result<Option<String>> {
        let versions: Versions = match self.json(&[id.as_str(), "versions"], id).await {
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            versions => versions?,
        };
        Ok(match versions.items.iter().find(|listed| listed.version == version) {
            None => Some("was withdrawn from the marketplace".to_owned()),
            Some(listed) => doubt(listed).map(str::to_owned),
        })
    }

    /// The wanted version, or the latest.
    pub(super) async fn find(&self, id: &PluginId, version: Option<&str>) -> Result<Listed> {
        let detail: Detail = self.json(&[id.as_str()], id).await?;
        let latest = detail.latest_version;
        let found = match version {
            None => latest,
            Some(wanted) => match latest.filter(|latest| latest.version == wanted) {
                Some(latest) => Some(latest),
                None => {
                    let versions: Versions = self.json(&[id.as_str(), "versions"], id).await?;
                    versions.items.into_iter().find(|found| found.version == wanted)
                }
            },
        };
        let found = found.ok_or_else(|| no_version(id, version))?;
        if let Some(problem) = doubt(&found) {
            let message = format!("{id}@{} {problem}.", shown(&found.version));
            return Err(Error::new(ErrorCode::AuditFailed, message));
        }
        let capabilities = found.capabilities();
        let checksum = found.checksum.filter(|checksum| !checksum.is_empty()).ok_or_else(|| {
            let message = format!("The marketplace lists no checksum for {id}@{}.", shown(&found.version));
            Error::new(ErrorCode::ChecksumMismatch, message)
        })?;
        Ok(Listed {
            name: detail.name,
            description: detail.description,
            checksum: checksum.to_ascii_lowercase(),
            capabilities,
            version: found.version,
        })
    }

    /// The bundle of a version, checked against its checksum before anything looks into it.
    pub(super) async fn bundle(&self, id: &PluginId, listed: &Listed) -> Result<Bytes> {
        let segments = [id.as_str(), "versions", &listed.version, "bundle"];
        let failed = |what: String| {
            Error::new(
                ErrorCode::BundleDownloadFailed,
                format!("The bundle of {id}@{} {what}", listed.version),
            )
        };
        let limit = BundleLimits::STANDARD.component_compressed_bytes;
        let response = self
            .get(&segments, "application/gzip", limit)
            .await
            .map_err(|error| failed(format!("cannot be downloaded: {}", error.message())).caused_by(error))?;
        if !(200..300).contains(&response.status) {
            return Err(failed(format!(
                "cannot be downloaded: the marketplace answered {}.",
                response.status
            )));
        }
        let actual = Bundle::checksum(&response.body);
        if actual != listed.checksum {
            let message = format!(
                "The downloaded bundle of {id}@{} has the checksum {actual}; the marketplace lists {}.",
                listed.version, listed.checksum
            );
            return Err(Error::new(ErrorCode::ChecksumMismatch, message)
                .hint("Try again; if it stays so, tell whoever runs the marketplace."));
        }
        Ok(response.body)
    }

    /// A page of the catalogue, as it answers it.
    pub(super) async fn search(&self, parameters: &[(String, String)]) -> Result<Value> {
        let mut url = self.url(&[])?;
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let response = self.send_to(url, "GET", Bytes::new(), "application/json", MAX_JSON_BYTES).await?;
        read_json(&response, None)
    }

    /// A plugin, as it answers it.
    pub(super) async fn detail(&self, id: &PluginId) -> Result<Value> {
        self.json(&[id.as_str()], id).await
    }

    /// A plugin's icon: media type and bytes.
    pub(super) async fn icon(&self, id: &PluginId) -> Result<(String, Bytes)> {
        let response = self.get(&[id.as_str(), "icon"], "image/*", MAX_ICON_BYTES).await?;
        match response.status {
            200..=299 => {
                let kind =
                    response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                Ok((kind.map(|(_, value)| value.clone()).unwrap_or_default(), response.body))
            }
            404 => Err(unlisted(id)),
            status => Err(unavailable(&format!("answers with the status {status}"))),
        }
    }

    /// Tells the marketplace of an installation. Nobody waits for it and nothing depends on it.
    pub(super) async fn report_install(&self, id: &PluginId, version: &str) {
        let Ok(facts) = self.site.parts.site.facts().await else { return };
        let body = serde_json::json!({"siteHash": site_hash(&facts.url), "version": version});
        let sent = self
            .send(
                &[id.as_str(), "installs"],
                "POST",
                body.to_string().into(),
                "application/json",
                MAX_JSON_BYTES,
            )
            .await;
        match sent {
            Ok(response) if (200..300).contains(&response.status) => {}
            Ok(response) => tracing::debug!(plugin = %id, status = response.status, "install not counted"),
            Err(error) => tracing::debug!(plugin = %id, %error, "install not counted"),
        }
    }

    async fn json<T: DeserializeOwned>(&self, segments: &[&str], id: &PluginId) -> Result<T> {
        let response = self.get(segments, "application/json", MAX_JSON_BYTES).await?;
        read_json(&response, Some(id))
    }

    async fn get(&self, segments: &[&str], accept: &str, limit: usize) -> Result<OutboundResponse> {
        self.send(segments, "GET", Bytes::new(), accept, limit).await
    }

    async fn send(
        &self,
        segments: &[&str],
        method: &str,
        body: Bytes,
        kind: &str,
        limit: usize,
    ) -> Result<OutboundResponse> {
        self.send_to(self.url(segments)?, method, body, kind, limit).await
    }

    async fn send_to(
        &self,
        url: Url,
        method: &str,
        body: Bytes,
        kind: &str,
        limit: usize,
    ) -> Result<OutboundResponse> {
        let name = if method == "GET" { "accept" } else { "content-type" };
        let request = OutboundRequest {
            method: method.to_owned(),
            url,
            headers: vec![(name.to_owned(), kind.to_owned())],
            body,
        };
        let policy = EgressPolicy {
            hosts: EgressHosts::Operator(self.base.clone()),
            max_redirects: MAX_REDIRECTS,
            max_response_bytes: limit,
            deadline: DEADLINE,
        };
        self.site.parts.http.send(request, &policy).await.map_err(|error| match error.code() {
            ErrorCode::NetworkFailed => unavailable("cannot be reached").caused_by(error),
            _ => error,
        })
    }

    fn url(&self, segments: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| unavailable("has an address that is no web address"))?
            .pop_if_empty()
            .extend(["api", "v1", "plugins"])
            .extend(segments);
        Ok(url)
    }
}

fn read_json<T: DeserializeOwned>(response: &OutboundResponse, id: Option<&PluginId>) -> Result<T> {
    match (response.status, id) {
        (200..=299, _) => serde_json::from_slice(&response.body).map_err(|error| {
            unavailable("answers with something that is no plugin listing").caused_by(error)
        }),
        (404, Some(id)) => Err(unlisted(id)),
        (status, _) => Err(unavailable(&format!("answers with the status {status}"))),
    }
}

fn unlisted(id: &PluginId) -> Error {
    Error::not_found("Plugin", format_args!("{id}, in the marketplace"))
}

fn unavailable(what: &str) -> Error {
    Error::new(ErrorCode::MarketplaceUnavailable, format!("The marketplace {what}."))
        .hint("Try again later, or check the marketplace's address in the server's configuration.")
}

fn no_version(id: &PluginId, version: Option<&str>) -> Error {
    Error::new(
        ErrorCode::NoVersion,
        match version {
            Some(version) => format!("{id} has no published version {}.", shown(version)),
            None => format!("{id} has no published version."),
        },
    )
}

/// What the review found: such a release is neither installed nor kept running (plugin contract §7.3).
fn doubt(version: &Version) -> Option<&'static str> {
    let verdict = version
        .audit_verdict
        .as_deref()
        .or(version.audit.as_ref().and_then(|audit| audit.verdict.as_deref()));
    match (version.status.as_deref(), verdict) {
        (_, Some("fail")) => Some("failed the marketplace's review"),
        (Some("flagged"), _) | (_, Some("warn")) => Some("was flagged by the marketplace's review"),
        _ => None,
    }
}

/// First 16 hex digits of the SHA-256 of the site's origin: tells installations apart, not sites.
fn site_hash(site_url: &str) -> String {
    let origin =
        Url::parse(site_url).map_or_else(|_| site_url.to_owned(), |url| url.origin().ascii_serialization());
    let digest = Sha256::digest(format!("emdash-site:{origin}"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
