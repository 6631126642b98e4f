//! Reading the catalogue (plugin contract §8.3).

use std::collections::HashMap;

use emdash_manifest::Manifest;
use emdash_store::PlatformTransaction;
use emdash_store::registry::{Listing, ListingFilter, Publisher, Release, ReleaseStatus};
use emdash_types::{Error, PluginId, PublisherId, Result};
use serde_json::{Value, json};

use crate::RegistryService;
use crate::service::{plugin_not_found, version_not_found};

/// Most listings of one page.
const PAGE_MAX: u32 = 100;

/// A listing with everything a visitor sees at once.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueEntry {
    /// The listing.
    pub listing: Listing,
    /// Its owner.
    pub publisher: Publisher,
    /// The most recently published public release.
    pub latest: Option<Release>,
}

/// A page of the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct CataloguePage {
    /// The entries, in the filter's order.
    pub items: Vec<CatalogueEntry>,
    /// Offset of the next page; `None` on the last one.
    pub next: Option<u64>,
}

impl RegistryService {
    /// A page of the plugins with a public release; `limit` is brought between 1 and 100.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(&self, filter: &ListingFilter, offset: u64, limit: u32) -> Result<CataloguePage> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut transaction = self.store.read().await?;
        // One more than wanted shows that there is a next page.
        let mut listings = transaction.listing_list(filter, offset, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let next = (listings.len() > wanted).then(|| offset.saturating_add(u64::from(limit)));
        listings.truncate(wanted);
        let ids: Vec<PluginId> = listings.iter().map(|listing| listing.id.clone()).collect();
        let releases = transaction.release_latest(&ids).await?;
        let mut latest: HashMap<PluginId, Release> =
            releases.into_iter().map(|release| (release.plugin_id.clone(), release)).collect();
        let mut publishers: HashMap<PublisherId, Publisher> = HashMap::new();
        let mut items = Vec::with_capacity(listings.len());
        for listing in listings {
            let publisher = match publishers.get(&listing.publisher_id) {
                Some(known) => known.clone(),
                None => owner(transaction.as_mut(), &listing).await?,
            };
            publishers.insert(publisher.id.clone(), publisher.clone());
            let latest = latest.remove(&listing.id);
            items.push(CatalogueEntry { listing, publisher, latest });
        }
        Ok(CataloguePage { items, next })
    }

    /// One plugin, with or without a public release.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn detail(&self, id: &PluginId) -> Result<CatalogueEntry> {
        let mut transaction = self.store.read().await?;
        let listing = transaction.listing_lookup(id).await?.ok_or_else(|| plugin_not_found(id))?;
        let publisher = owner(transaction.as_mut(), &listing).await?;
        let latest = transaction.release_latest(std::slice::from_ref(id)).await?.pop();
        Ok(CatalogueEntry { listing, publisher, latest })
    }

    /// The public releases of a plugin, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such plugin.
    pub async fn versions(&self, id: &PluginId) -> Result<Vec<Release>> {
        let mut transaction = self.store.read().await?;
        if transaction.listing_lookup(id).await?.is_none() {
            return Err(plugin_not_found(id));
        }
        let releases = transaction.release_list(id).await?;
        Ok(releases.into_iter().filter(|release| is_public(release.status)).collect())
    }

    /// One public release.
    ///
    /// # Errors
    /// `NO_VERSION` when there is none, or it is not public.
    pub async fn release(&self, id: &PluginId, version: &str) -> Result<Release> {
        let found = self.store.read().await?.release_find(id, version).await?;
        found.filter(|release| is_public(release.status)).ok_or_else(|| version_not_found(id, version))
    }
}

/// Whether visitors may see and download it.
pub(crate) fn is_public(status: ReleaseStatus) -> bool {
    matches!(status, ReleaseStatus::Published | ReleaseStatus::Flagged)
}

async fn owner(transaction: &mut dyn PlatformTransaction, listing: &Listing) -> Result<Publisher> {
    let found = transaction.publisher_lookup(&listing.publisher_id).await?;
    found.ok_or_else(|| Error::internal(format!("the listing {} has no publisher row", listing.id)))
}

/// What a release row keeps of the manifest: the file as written, so that nothing is lost in any form.
pub(crate) fn stored_manifest(file: &str, bytes: &[u8]) -> Value {
    json!({"file": file, "text": String::from_utf8_lossy(bytes)})
}

/// The manifest of a release.
///
/// # Errors
/// `INTERNAL_ERROR` when the row does not hold what was checked on submission.
pub fn release_manifest(release: &Release) -> Result<Manifest> {
    let text = |key: &str| release.manifest.get(key).and_then(Value::as_str).unwrap_or_default();
    Manifest::read(text("text").as_bytes(), text("file")).map_err(Error::internal)
}
