//! The marketplace: publishers, listings, releases, installs (plugin contract §8.5).

use async_trait::async_trait;
use emdash_types::{PluginId, PublisherId, ReleaseId, Result, Timestamp};
use serde_json::Value;

/// Who publishes.
#[derive(Clone, Debug, PartialEq)]
pub struct Publisher {
    /// Id.
    pub id: PublisherId,
    /// Name for people.
    pub name: String,
    /// Address, lower case, unique.
    pub email: String,
    /// Whether their identity was checked (A40).
    pub verified: bool,
    /// Made at.
    pub created_at: Timestamp,
}

/// Publishers and their tokens.
#[async_trait]
pub trait PublisherRepository {
    /// By id.
    async fn publisher_lookup(&mut self, id: &PublisherId) -> Result<Option<Publisher>>;

    /// By address.
    async fn publisher_find_by_email(&mut self, email: &str) -> Result<Option<Publisher>>;

    /// By token: SHA-256 of its text, base64url.
    async fn publisher_find_by_token(&mut self, hash: &str) -> Result<Option<Publisher>>;

    /// Stores one.
    ///
    /// # Errors
    /// `CONFLICT` when the address is taken.
    async fn publisher_add(&mut self, publisher: &Publisher) -> Result<()>;

    /// Stores the hash of a token.
    async fn publisher_token_add(&mut self, id: &PublisherId, hash: &str, at: Timestamp) -> Result<()>;
}

/// What a plugin says of itself, all releases together.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Id.
    pub id: PluginId,
    /// Owner.
    pub publisher_id: PublisherId,
    /// Name for people.
    pub name: String,
    /// One or two sentences.
    pub description: Option<String>,
    /// Source code.
    pub repository_url: Option<String>,
    /// More about it.
    pub homepage_url: Option<String>,
    /// SPDX expression.
    pub license: Option<String>,
    /// Words to be found by.
    pub keywords: Vec<String>,
    /// Canonical capabilities of the latest release.
    pub capabilities: Vec<String>,
    /// Sites that have it.
    pub install_count: u64,
    /// Made at.
    pub created_at: Timestamp,
    /// Last release or change.
    pub updated_at: Timestamp,
}

/// Where a release is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseStatus {
    /// Under review.
    Pending,
    /// Public and installable.
    Published,
    /// Public with a warning; sites refuse to install it.
    Flagged,
    /// Refused.
    Rejected,
}

impl ReleaseStatus {
    /// The text in column and wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Published => "published",
            Self::Flagged => "flagged",
            Self::Rejected => "rejected",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Published, Self::Flagged, Self::Rejected]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// One version of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// Id.
    pub id: ReleaseId,
    /// Plugin.
    pub plugin_id: PluginId,
    /// `major.minor.patch`.
    pub version: String,
    /// Key of the bundle in the blob store.
    pub bundle_key: String,
    /// Bytes of the bundle.
    pub bundle_size: u64,
    /// SHA-256 of the bundle, lower-case hex.
    pub checksum: String,
    /// The validated manifest.
    pub manifest: Value,
    /// README.md of the bundle.
    pub readme: Option<String>,
    /// What is new.
    pub changelog: Option<String>,
    /// Oldest host it runs on.
    pub min_host_version: Option<String>,
    /// Key of the icon in the blob store.
    pub icon_key: Option<String>,
    /// Keys of the screenshots in the blob store.
    pub screenshot_keys: Vec<String>,
    /// Canonical capabilities.
    pub capabilities: Vec<String>,
    /// Status.
    pub status: ReleaseStatus,
    /// Verdict and findings of the review, JSON.
    pub review: Option<Value>,
    /// Submitted at.
    pub created_at: Timestamp,
    /// Published at.
    pub published_at: Option<Timestamp>,
}

/// Order of a listing page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingOrder {
    /// Most installed first, then newest.
    #[default]
    Installs,
    /// Last updated first.
    Updated,
    /// Newest first.
    Created,
    /// By name.
    Name,
}

/// Which listings are wanted. Only those with a public release are ever listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingFilter {
    /// In name, description or keywords, whatever the case.
    pub text: Option<String>,
    /// Exactly this capability among those of the latest release.
    pub capability: Option<String>,
    /// Order.
    pub order: ListingOrder,
}

/// Listings, releases and installs.
#[async_trait]
pub trait ReleaseRepository {
    /// A listing by id.
    async fn listing_lookup(&mut self, id: &PluginId) -> Result<Option<Listing>>;

    /// A window of listings.
    async fn listing_list(&mut self, filter: &ListingFilter, offset: u64, limit: u32)
    -> Result<Vec<Listing>>;

    /// Stores a listing.
    ///
    /// # Errors
    /// `PLUGIN_ID_CONFLICT` when the id is taken.
    async fn listing_add(&mut self, listing: &Listing) -> Result<()>;

    /// Writes every column but the install count.
    async fn listing_update(&mut self, listing: &Listing) -> Result<()>;

    /// A release by plugin and version.
    async fn release_find(&mut self, plugin: &PluginId, version: &str) -> Result<Option<Release>>;

    /// The most recently published public release of each of several plugins.
    async fn release_latest(&mut self, plugins: &[PluginId]) -> Result<Vec<Release>>;

    /// All releases of a plugin, newest submission first.
    async fn release_list(&mut self, plugin: &PluginId) -> Result<Vec<Release>>;

    /// Stores a release.
    ///
    /// # Errors
    /// `VERSION_EXISTS` when the plugin has that version.
    async fn release_add(&mut self, release: &Release) -> Result<()>;

    /// Changes status, review and publication time.
    async fn release_decide(
        &mut self,
        id: &ReleaseId,
        status: ReleaseStatus,
        review: Option<&Value>,
        published_at: Option<Timestamp>,
    ) -> Result<()>;

    /// Notes that a site has a version; a site counts once per plugin. Returns the plugin's new count.
    async fn install_put(
        &mut self,
        plugin: &PluginId,
        site_hash: &str,
        version: &str,
        at: Timestamp,
    ) -> Result<u64>;
}
