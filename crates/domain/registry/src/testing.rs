//! A marketplace without engine and database, for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use emdash_manifest::{Manifest, PluginCode};
use emdash_ports::blobs::Blobs;
use emdash_store::registry::{
    Listing, ListingFilter, ListingOrder, Publisher, PublisherRepository, Release, ReleaseRepository,
    ReleaseStatus,
};
use emdash_store::{PlatformStore, PlatformTransaction};
use emdash_types::{Ambient, Error, ErrorCode, PluginId, PublisherId, ReleaseId, Result, Timestamp};
use parking_lot::Mutex;
use serde_json::Value;

use crate::catalogue::is_public;
use crate::{DryRun, ModuleReport, RegistryParts, RegistryService};

/// A marketplace in memory, and the script its dry runs follow.
#[must_use]
pub fn registry(ambient: Ambient) -> (Arc<RegistryService>, Arc<ScriptedDryRun>) {
    let dry_run = Arc::new(ScriptedDryRun::default());
    let parts = RegistryParts {
        store: Arc::new(MemoryPlatform::default()),
        blobs: Arc::new(MemoryBlobs::default()),
        dry_run: Arc::clone(&dry_run) as Arc<dyn DryRun>,
        ambient,
    };
    (Arc::new(RegistryService::new(parts)), dry_run)
}

/// Answers every dry run with an empty module, unless a refusal was scripted.
#[derive(Default)]
pub struct ScriptedDryRun(Mutex<Option<(ErrorCode, String)>>);

impl ScriptedDryRun {
    /// Refuses the next dry run.
    pub fn refuse_next(&self, code: ErrorCode, message: &str) {
        *self.0.lock() = Some((code, message.to_owned()));
    }
}

#[async_trait]
impl DryRun for ScriptedDryRun {
    async fn evaluate(&self, _: &Manifest, _: &PluginCode) -> Result<ModuleReport> {
        match self.0.lock().take() {
            Some((code, message)) => Err(Error::new(code, message)),
            None => Ok(ModuleReport::default()),
        }
    }
}

/// Blobs in a map.
#[derive(Default)]
pub struct MemoryBlobs(Mutex<BTreeMap<String, Bytes>>);

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        self.0.lock().insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.0.lock().get(key).cloned())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.lock().remove(key);
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Tables {
    publishers: Vec<Publisher>,
    tokens: BTreeMap<String, PublisherId>,
    listings: BTreeMap<PluginId, Listing>,
    releases: Vec<Release>,
    installs: BTreeSet<(PluginId, String)>,
}

/// Tables in memory. A transaction works on a copy that its commit puts back.
#[derive(Default)]
pub struct MemoryPlatform(Arc<Mutex<Tables>>);

struct MemoryTransaction {
    home: Arc<Mutex<Tables>>,
    tables: Tables,
}

#[async_trait]
impl PlatformStore for MemoryPlatform {
    async fn read(&self) -> Result<Box<dyn PlatformTransaction>> {
        self.write().await
    }

    async fn write(&self) -> Result<Box<dyn PlatformTransaction>> {
        Ok(Box::new(MemoryTransaction { home: Arc::clone(&self.0), tables: self.0.lock().clone() }))
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl PlatformTransaction for MemoryTransaction {
    async fn commit(self: Box<Self>) -> Result<()> {
        *self.home.lock() = self.tables;
        Ok(())
    }
}

#[async_trait]
impl PublisherRepository for MemoryTransaction {
    async fn publisher_lookup(&mut self, id: &PublisherId) -> Result<Option<Publisher>> {
        Ok(self.tables.publishers.iter().find(|publisher| publisher.id == *id).cloned())
    }

    async fn publisher_find_by_email(&mut self, email: &str) -> Result<Option<Publisher>> {
        Ok(self.tables.publishers.iter().find(|publisher| publisher.email == email).cloned())
    }

    async fn publisher_find_by_token(&mut self, hash: &str) -> Result<Option<Publisher>> {
        match self.tables.tokens.get(hash).cloned() {
            Some(id) => self.publisher_lookup(&id).await,
            None => Ok(None),
        }
    }

    async fn publisher_add(&mut self, publisher: &Publisher) -> Result<()> {
        if self.publisher_find_by_email(&publisher.email).await?.is_some() {
            return Err(Error::new(ErrorCode::Conflict, "The address is taken."));
        }
        self.tables.publishers.push(publisher.clone());
        Ok(())
    }

    async fn publisher_token_add(&mut self, id: &PublisherId, hash: &str, _: Timestamp) -> Result<()> {
        self.tables.tokens.insert(hash.to_owned(), id.clone());
        Ok(())
    }
}

impl MemoryTransaction {
    fn latest(&self, plugin: &PluginId) -> Option<&Release> {
        let public = self.tables.releases.iter().filter(|r| r.plugin_id == *plugin && is_public(r.status));
        public.max_by_key(|release| release.published_at)
    }

    fn matches(&self, listing: &Listing, filter: &ListingFilter) -> bool {
        let wanted = filter.text.as_deref().unwrap_or_default().to_lowercase();
        let words = [Some(&listing.name), listing.description.as_ref()].into_iter().flatten();
        let found = words.chain(&listing.keywords).any(|text| text.to_lowercase().contains(&wanted));
        let capable = filter.capability.as_ref().is_none_or(|name| listing.capabilities.contains(name));
        found && capable && self.latest(&listing.id).is_some()
    }
}

#[async_trait]
impl ReleaseRepository for MemoryTransaction {
    async fn listing_lookup(&mut self, id: &PluginId) -> Result<Option<Listing>> {
        Ok(self.tables.listings.get(id).cloned())
    }

    async fn listing_list(
        &mut self,
        filter: &ListingFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Listing>> {
        let mut found: Vec<Listing> =
            self.tables.listings.values().filter(|listing| self.matches(listing, filter)).cloned().collect();
        found.sort_by(|a, b| match filter.order {
            ListingOrder::Installs => (b.install_count, b.created_at).cmp(&(a.install_count, a.created_at)),
            ListingOrder::Updated => b.updated_at.cmp(&a.updated_at),
            ListingOrder::Created => b.created_at.cmp(&a.created_at),
            ListingOrder::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        });
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(found.into_iter().skip(offset).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn listing_add(&mut self, listing: &Listing) -> Result<()> {
        if self.tables.listings.contains_key(&listing.id) {
            return Err(Error::new(ErrorCode::PluginIdConflict, "The id is taken."));
        }
        self.tables.listings.insert(listing.id.clone(), listing.clone());
        Ok(())
    }

    async fn listing_update(&mut self, listing: &Listing) -> Result<()> {
        if let Some(row) = self.tables.listings.get_mut(&listing.id) {
            *row = Listing { install_count: row.install_count, ..listing.clone() };
        }
        Ok(())
    }

    async fn release_find(&mut self, plugin: &PluginId, version: &str) -> Result<Option<Release>> {
        let found = self.tables.releases.iter().find(|r| r.plugin_id == *plugin && r.version == version);
        Ok(found.cloned())
    }

    async fn release_latest(&mut self, plugins: &[PluginId]) -> Result<Vec<Release>> {
        Ok(plugins.iter().filter_map(|plugin| self.latest(plugin)).cloned().collect())
    }

    async fn release_list(&mut self, plugin: &PluginId) -> Result<Vec<Release>> {
        let newest_first = self.tables.releases.iter().rev();
        Ok(newest_first.filter(|release| release.plugin_id == *plugin).cloned().collect())
    }

    async fn release_add(&mut self, release: &Release) -> Result<()> {
        if self.release_find(&release.plugin_id, &release.version).await?.is_some() {
            return Err(Error::new(ErrorCode::VersionExists, "The plugin has that version."));
        }
        self.tables.releases.push(release.clone());
        Ok(())
    }

    async fn release_decide(
        &mut self,
        id: &ReleaseId,
        status: ReleaseStatus,
        review: Option<&Value>,
        published_at: Option<Timestamp>,
    ) -> Result<()> {
        if let Some(release) = self.tables.releases.iter_mut().find(|release| release.id == *id) {
            release.status = status;
            release.review = review.cloned();
            release.published_at = published_at;
        }
        Ok(())
    }

    async fn install_put(
        &mut self,
        plugin: &PluginId,
        site_hash: &str,
        _: &str,
        _: Timestamp,
    ) -> Result<u64> {
        self.tables.installs.insert((plugin.clone(), site_hash.to_owned()));
        let count = self.tables.installs.iter().filter(|(id, _)| id == plugin).count();
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(listing) = self.tables.listings.get_mut(plugin) {
            listing.install_count = count;
        }
        Ok(count)
    }
}
