//! Full text of published entries.

use async_trait::async_trait;
use emdash_types::{CollectionName, EntryId, Result};

/// What the index knows of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchDocument {
    /// Collection.
    pub collection: CollectionName,
    /// Entry.
    pub entry_id: EntryId,
    /// Locale.
    pub locale: String,
    /// Title, weighed more.
    pub title: String,
    /// Everything else, plain text.
    pub body: String,
}

/// A found entry.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    /// Collection.
    pub collection: CollectionName,
    /// Entry.
    pub entry_id: EntryId,
    /// Title.
    pub title: String,
    /// Text around the first match. Matched words stand between U+E000 and U+E001, everything else is plain text.
    pub snippet: String,
    /// Larger is better; comparable within one result only.
    pub score: f64,
}

/// The index of one site.
#[async_trait]
pub trait SearchRepository {
    /// Puts an entry in, replacing what was known of it. The first 200,000 bytes of the body can be found.
    async fn search_index(&mut self, document: &SearchDocument) -> Result<()>;

    /// Takes an entry out.
    async fn search_remove(&mut self, collection: &CollectionName, entry: &EntryId) -> Result<()>;

    /// The best `limit` after `offset`. Words are user text: every one of the first 32 words must match, the last
    /// one as a prefix. Case, accents and punctuation do not matter.
    async fn search_query(
        &mut self,
        words: &str,
        collection: Option<&CollectionName>,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<SearchHit>>;

    /// How many entries the words find, 1,000 at the most.
    async fn search_count(&mut self, words: &str, collection: Option<&CollectionName>) -> Result<u64>;
}
