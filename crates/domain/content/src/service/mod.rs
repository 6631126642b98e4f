//! The content of one site: authorises, runs hooks, validates, writes.

mod changes;
mod lifecycle;
pub(crate) mod parts;
mod read;
mod revisions;
mod save;
mod schedule;
mod terms;
mod trash;
mod view;
mod work;

use std::sync::Arc;

use emdash_store::content::{Collection, Entry};
use emdash_store::{SiteStore, SiteTransaction};
use emdash_types::{Ambient, Caller, EntryId, Error, ErrorCode, Permission, Result};
use parking_lot::RwLock;

pub use schedule::Sweep;

use crate::{Generation, Hooks, Target};

/// Content of one site. Clones share everything.
///
/// Methods take the caller first and refuse what the caller may not do; nothing else in the program authorises
/// content. A plugin's writes run the hooks of other plugins, never its own, so plugins cannot call each other in
/// circles.
#[derive(Clone)]
pub struct ContentService {
    pub(crate) store: Arc<dyn SiteStore>,
    hooks: Arc<dyn Hooks>,
    pub(crate) ambient: Ambient,
    generation: Generation,
    collections: Arc<RwLock<Option<Collections>>>,
}

/// Every collection of the site, by name.
type Collections = Arc<[Arc<Collection>]>;

impl ContentService {
    /// Over a site's store.
    #[must_use]
    pub fn new(store: Arc<dyn SiteStore>, hooks: Arc<dyn Hooks>, ambient: Ambient) -> Self {
        Self { store, hooks, ambient, generation: Generation::default(), collections: Arc::default() }
    }

    /// The counter that moves with every committed change, for caches of public pages.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation.clone()
    }

    /// Every collection, by name.
    ///
    /// # Errors
    /// When the caller may not read content.
    pub async fn collections(&self, caller: &Caller) -> Result<Vec<Arc<Collection>>> {
        caller.require(Permission::ContentRead)?;
        Ok(self.all_collections().await?.to_vec())
    }

    /// A collection by name.
    ///
    /// # Errors
    /// `COLLECTION_NOT_FOUND`.
    pub async fn collection(&self, name: &str) -> Result<Arc<Collection>> {
        let all = self.all_collections().await?;
        all.iter().find(|collection| collection.name.as_str() == name).cloned().ok_or_else(|| {
            let shown: String = name.chars().take(80).collect();
            Error::new(ErrorCode::CollectionNotFound, format!("Collection '{shown}' not found"))
        })
    }

    /// Reads the collections anew next time: the schema, or content behind this service's back, has changed.
    pub fn forget_collections(&self) {
        *self.collections.write() = None;
        self.generation.advance();
    }

    async fn all_collections(&self) -> Result<Collections> {
        let cached = self.collections.read().clone();
        if let Some(collections) = cached {
            return Ok(collections);
        }
        let rows = self.store.read().await?.collection_list().await?;
        let collections: Collections = rows.into_iter().map(Arc::new).collect();
        // A site without collections is not set up yet: what the seed adds must be seen.
        if !collections.is_empty() {
            *self.collections.write() = Some(Arc::clone(&collections));
        }
        Ok(collections)
    }
}

/// Finds an entry by id or slug. What looks like an id is tried as one first (CMS contract §3.1). Plugins name entries
/// by id only (plugin contract §3.4).
async fn resolve(
    caller: &Caller,
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    target: Target<'_>,
) -> Result<Entry> {
    let id = EntryId::from(target.id);
    if matches!(caller, Caller::Plugin(_)) {
        return reload(transaction, collection, &id).await;
    }
    let id_first = looks_like_id(target.id);
    if id_first && let Some(entry) = transaction.entry_lookup(collection, &id, false).await? {
        return Ok(entry);
    }
    if let Some(entry) = transaction.entry_find_by_slug(collection, target.id, target.locale).await? {
        return Ok(entry);
    }
    let found = if id_first { None } else { transaction.entry_lookup(collection, &id, false).await? };
    found.ok_or_else(|| not_found(target.id))
}

fn looks_like_id(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn not_found(id: &str) -> Error {
    let shown: String = id.chars().take(200).collect();
    Error::not_found("Content item", shown)
}

/// The entry again, inside the transaction that will change it.
async fn reload(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    id: &EntryId,
) -> Result<Entry> {
    transaction.entry_lookup(collection, id, false).await?.ok_or_else(|| not_found(id.as_str()))
}
