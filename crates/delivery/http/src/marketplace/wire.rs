//! The shapes of the plugin contract §8.3 and §8.5, to the letter.

use emdash_registry::{CatalogueEntry, Outcome, Review, screenshot_names};
use emdash_store::registry::{Listing, Publisher, Release};
use emdash_types::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Author {
    /// Only in the detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
    verified: bool,
    avatar_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    verdict: Outcome,
    risk_score: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    id: String,
    name: String,
    description: Option<String>,
    author: Author,
    capabilities: Vec<String>,
    keywords: Vec<String>,
    install_count: u64,
    has_icon: bool,
    icon_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_version: Option<SummaryVersion>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Serialize)]
struct SummaryVersion {
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<Audit>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    id: String,
    name: String,
    description: Option<String>,
    author: Author,
    capabilities: Vec<String>,
    keywords: Vec<String>,
    repository_url: Option<String>,
    homepage_url: Option<String>,
    license: Option<String>,
    has_icon: bool,
    icon_url: String,
    install_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_version: Option<DetailVersion>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DetailVersion {
    version: String,
    #[serde(rename = "minEmDashVersion")]
    min_host_version: Option<String>,
    bundle_size: u64,
    checksum: String,
    changelog: Option<String>,
    readme: Option<String>,
    has_icon: bool,
    screenshot_count: usize,
    screenshot_urls: Vec<String>,
    capabilities: Vec<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<Audit>,
    published_at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionSummary {
    version: String,
    #[serde(rename = "minEmDashVersion")]
    min_host_version: Option<String>,
    bundle_size: u64,
    checksum: String,
    changelog: Option<String>,
    capabilities: Vec<String>,
    status: &'static str,
    audit_verdict: Option<Outcome>,
    image_audit_verdict: Option<Outcome>,
    published_at: Option<Timestamp>,
}

/// A listing as the write endpoints answer it: the row.
#[derive(Serialize)]
pub struct ListingRow {
    id: String,
    name: String,
    description: Option<String>,
    author_id: String,
    repository_url: Option<String>,
    homepage_url: Option<String>,
    license: Option<String>,
    capabilities: Vec<String>,
    keywords: Vec<String>,
    install_count: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Author {
    fn new(publisher: &Publisher, with_id: bool) -> Self {
        Self {
            id: with_id.then(|| publisher.id.to_string()),
            name: publisher.name.clone(),
            verified: publisher.verified,
            avatar_url: None,
        }
    }
}

impl Audit {
    /// The contract's scale: what passes scores at most 20, what fails at least 61. Gates pass or fail whole.
    pub fn risk_score(verdict: Outcome) -> u8 {
        if verdict == Outcome::Fail { 100 } else { 0 }
    }

    fn of(release: &Release) -> Option<Self> {
        let verdict = Review::of(release)?.verdict;
        Some(Self { verdict, risk_score: Self::risk_score(verdict) })
    }
}

impl Summary {
    pub fn new(entry: CatalogueEntry, origin: &str) -> Self {
        let CatalogueEntry { listing, publisher, latest } = entry;
        Self {
            icon_url: icon_url(origin, &listing),
            id: listing.id.to_string(),
            name: listing.name,
            description: listing.description,
            author: Author::new(&publisher, false),
            capabilities: listing.capabilities,
            keywords: listing.keywords,
            install_count: listing.install_count,
            has_icon: has_icon(latest.as_ref()),
            latest_version: latest
                .map(|release| SummaryVersion { audit: Audit::of(&release), version: release.version }),
            created_at: listing.created_at,
            updated_at: listing.updated_at,
        }
    }
}

impl Detail {
    pub fn new(entry: CatalogueEntry, origin: &str) -> Self {
        let CatalogueEntry { listing, publisher, latest } = entry;
        Self {
            icon_url: icon_url(origin, &listing),
            id: listing.id.to_string(),
            name: listing.name,
            description: listing.description,
            author: Author::new(&publisher, true),
            capabilities: listing.capabilities,
            keywords: listing.keywords,
            repository_url: listing.repository_url,
            homepage_url: listing.homepage_url,
            license: listing.license,
            has_icon: has_icon(latest.as_ref()),
            install_count: listing.install_count,
            latest_version: latest.map(|release| DetailVersion::new(release, origin)),
            created_at: listing.created_at,
            updated_at: listing.updated_at,
        }
    }
}

impl DetailVersion {
    fn new(release: Release, origin: &str) -> Self {
        let folder =
            format!("{origin}/api/v1/plugins/{}/versions/{}/screenshots", release.plugin_id, release.version);
        Self {
            screenshot_urls: screenshot_names(&release).map(|name| format!("{folder}/{name}")).collect(),
            audit: Audit::of(&release),
            version: release.version,
            min_host_version: release.min_host_version,
            bundle_size: release.bundle_size,
            checksum: release.checksum,
            changelog: release.changelog,
            readme: release.readme,
            has_icon: release.icon_key.is_some(),
            screenshot_count: release.screenshot_keys.len(),
            capabilities: release.capabilities,
            status: release.status.as_str(),
            published_at: release.published_at,
        }
    }
}

impl From<Release> for VersionSummary {
    fn from(release: Release) -> Self {
        Self {
            audit_verdict: Review::of(&release).map(|review| review.verdict),
            image_audit_verdict: None,
            version: release.version,
            min_host_version: release.min_host_version,
            bundle_size: release.bundle_size,
            checksum: release.checksum,
            changelog: release.changelog,
            capabilities: release.capabilities,
            status: release.status.as_str(),
            published_at: release.published_at,
        }
    }
}

impl From<Listing> for ListingRow {
    fn from(listing: Listing) -> Self {
        Self {
            id: listing.id.to_string(),
            name: listing.name,
            description: listing.description,
            author_id: listing.publisher_id.to_string(),
            repository_url: listing.repository_url,
            homepage_url: listing.homepage_url,
            license: listing.license,
            capabilities: listing.capabilities,
            keywords: listing.keywords,
            install_count: listing.install_count,
            created_at: listing.created_at,
            updated_at: listing.updated_at,
        }
    }
}

fn icon_url(origin: &str, listing: &Listing) -> String {
    format!("{origin}/api/v1/plugins/{}/icon", listing.id)
}

fn has_icon(latest: Option<&Release>) -> bool {
    latest.is_some_and(|release| release.icon_key.is_some())
}
