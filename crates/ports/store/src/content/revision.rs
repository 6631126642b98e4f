//! Revisions: what the fields of an entry once were, or will be.

use async_trait::async_trait;
use emdash_types::{CollectionName, EntryId, JsonMap, Result, RevisionId, Timestamp, UserId};

/// A stored state of an entry's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Id.
    pub id: RevisionId,
    /// Collection of the entry.
    pub collection: CollectionName,
    /// The entry.
    pub entry_id: EntryId,
    /// Field values; a staged slug stands under `_slug`.
    pub data: JsonMap,
    /// Who made it.
    pub author_id: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// Revisions of one site.
#[async_trait]
pub trait RevisionRepository {
    /// By id.
    async fn revision_lookup(&mut self, id: &RevisionId) -> Result<Option<Revision>>;

    /// The newest first, `limit` at the most.
    async fn revision_list(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        limit: u32,
    ) -> Result<Vec<Revision>>;

    /// How many there are.
    async fn revision_count(&mut self, collection: &CollectionName, entry: &EntryId) -> Result<u64>;

    /// Stores one.
    async fn revision_add(&mut self, revision: &Revision) -> Result<()>;

    /// Forgets one.
    async fn revision_delete(&mut self, id: &RevisionId) -> Result<()>;

    /// Forgets the oldest beyond `keep`, but neither the live nor the draft one.
    async fn revision_prune(&mut self, collection: &CollectionName, entry: &EntryId, keep: u32)
    -> Result<()>;
}
