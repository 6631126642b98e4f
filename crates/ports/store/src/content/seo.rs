//! SEO data of entries, table `_emdash_seo` (B10, CMS contract §4.4).

use async_trait::async_trait;
use emdash_types::{CollectionName, EntryId, Result};
use serde::{Deserialize, Serialize};

/// What search engines and link previews should show instead of the derived values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Seo {
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Image URL.
    pub image: Option<String>,
    /// Canonical URL.
    pub canonical: Option<String>,
    /// Whether to stay out of search engines and the sitemap.
    pub no_index: bool,
}

/// SEO data of one site.
#[async_trait]
pub trait SeoRepository {
    /// Of one entry.
    async fn seo_lookup(&mut self, collection: &CollectionName, entry: &EntryId) -> Result<Option<Seo>>;

    /// Replaces that of one entry.
    async fn seo_set(&mut self, collection: &CollectionName, entry: &EntryId, seo: &Seo) -> Result<()>;

    /// The entries of a collection that stay out of search engines.
    async fn seo_no_index(&mut self, collection: &CollectionName) -> Result<Vec<EntryId>>;
}
