//! Full-text search for readers.

use std::collections::HashMap;
use std::sync::Arc;

use emdash_store::content::{EntryFilter, EntryOrder, SearchHit};
use emdash_types::{CollectionName, EntryId, Result};

use super::{PublicEntry, PublicView, published};

/// A found entry.
#[derive(Clone, Debug)]
pub struct Found {
    /// The entry.
    pub entry: PublicEntry,
    /// Text around the first match; matched words stand between U+E000 and U+E001.
    pub snippet: String,
}

/// A window of what a search found.
#[derive(Debug)]
pub struct SearchResults {
    /// The best first.
    pub found: Vec<Found>,
    /// How many there are in all windows, 1,000 at the most.
    pub total: u64,
}

impl PublicView {
    /// The entries with public pages in which every word stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn search(&mut self, words: &str, offset: u64, limit: u32) -> Result<SearchResults> {
        let total = self.transaction.search_count(words, None).await?;
        if offset >= total {
            return Ok(SearchResults { found: Vec::new(), total });
        }
        let hits = self.transaction.search_query(words, None, offset, limit).await?;
        let mut entries = self.entries_of(&hits).await?;
        let found = hits.into_iter().filter_map(|hit| {
            let entry = entries.remove(&(hit.collection, hit.entry_id))?;
            Some(Found { entry, snippet: hit.snippet })
        });
        Ok(SearchResults { found: found.collect(), total })
    }

    async fn entries_of(
        &mut self,
        hits: &[SearchHit],
    ) -> Result<HashMap<(CollectionName, EntryId), PublicEntry>> {
        let mut ids: HashMap<CollectionName, Vec<EntryId>> = HashMap::new();
        for hit in hits {
            ids.entry(hit.collection.clone()).or_default().push(hit.entry_id.clone());
        }
        let frame = Arc::clone(&self.frame);
        let mut entries = HashMap::new();
        for (name, ids) in ids {
            let Some(collection) = frame.collection(name.as_str()).filter(|collection| collection.routable)
            else {
                continue;
            };
            let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let filter = EntryFilter { ids: Some(ids), ..published() };
            let order = EntryOrder::newest();
            let rows = self.transaction.entry_window(collection, &filter, &order, 0, limit).await?;
            for entry in self.hydrate(collection, rows).await? {
                entries.insert((name.clone(), entry.entry.id.clone()), entry);
            }
        }
        Ok(entries)
    }
}
