//! Where published entries stand, for search engines (CMS contract §6.1).

use std::collections::HashSet;
use std::sync::Arc;

use emdash_store::content::{Collection, EntryOrder, OrderBy};
use emdash_types::{EntryId, Result, Timestamp};

use super::{PublicView, path, published};

/// Most addresses in one file of a sitemap (sitemaps.org).
pub const SITEMAP_LIMIT: u64 = 50_000;
/// Rows read at once.
const CHUNK: u32 = 2_000;

/// One file of a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitemapFile {
    /// The collection's name.
    pub collection: String,
    /// 1 for the first file of a collection.
    pub number: u64,
    /// The newest change in the collection.
    pub changed: Option<Timestamp>,
}

/// One address in a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitemapLocation {
    /// Public path, encoded.
    pub path: String,
    /// Last changed at.
    pub changed: Timestamp,
}

impl PublicView {
    /// The files of the site's sitemap: one per collection for search engines that has something to show,
    /// more where it exceeds `per_file` addresses.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sitemap_files(&mut self, per_file: u64) -> Result<Vec<SitemapFile>> {
        let frame = Arc::clone(&self.frame);
        let mut files = Vec::new();
        for collection in frame.collections.iter().filter(|collection| is_listed(collection)) {
            // Exact only where it matters: entries without slug or index leave room, they never need a file.
            let most = self.transaction.entry_count(collection, &published()).await?;
            let count = if most > per_file {
                self.count_locations(collection, u64::MAX).await?
            } else {
                self.count_locations(collection, 1).await?
            };
            if count == 0 {
                continue;
            }
            let order = EntryOrder { by: OrderBy::UpdatedAt, descending: true };
            let newest = self.transaction.entry_window(collection, &published(), &order, 0, 1).await?;
            let changed = newest.first().map(|entry| entry.updated_at);
            files.extend((1..=count.div_ceil(per_file)).map(|number| SitemapFile {
                collection: collection.name.to_string(),
                number,
                changed,
            }));
        }
        Ok(files)
    }

    async fn count_locations(&mut self, collection: &Collection, enough: u64) -> Result<u64> {
        let mut count = 0;
        self.each_location(collection, |_| {
            count += 1;
            count < enough
        })
        .await?;
        Ok(count)
    }

    /// The addresses of one file, in the order of their entries' ids: a new entry never moves an old one
    /// into another file. Nothing where there is no such file.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sitemap_locations(
        &mut self,
        collection: &str,
        number: u64,
        per_file: u64,
    ) -> Result<Vec<SitemapLocation>> {
        let frame = Arc::clone(&self.frame);
        let Some(collection) = frame.collection(collection).filter(|collection| is_listed(collection)) else {
            return Ok(Vec::new());
        };
        let Some(skipped) = number.checked_sub(1).and_then(|before| before.checked_mul(per_file)) else {
            return Ok(Vec::new());
        };
        let mut position = 0;
        let mut found = Vec::new();
        self.each_location(collection, |location| {
            if position >= skipped {
                found.push(location);
            }
            position += 1;
            position - skipped.min(position) < per_file
        })
        .await?;
        Ok(found)
    }

    /// Walks the addresses in bounded chunks until `visit` says no.
    async fn each_location(
        &mut self,
        collection: &Collection,
        mut visit: impl FnMut(SitemapLocation) -> bool + Send,
    ) -> Result<()> {
        let hidden: HashSet<EntryId> =
            self.transaction.seo_no_index(&collection.name).await?.into_iter().collect();
        let mut after: Option<EntryId> = None;
        loop {
            let rows = self.transaction.entry_locations(collection, after.as_ref(), CHUNK).await?;
            let last = rows.len() < CHUNK as usize;
            after = rows.last().map(|row| row.id.clone());
            for row in rows {
                let hidden = hidden.contains(&row.id) || row.slug.is_empty();
                if !hidden {
                    let path = path::path_of(collection, &row.slug);
                    if !visit(SitemapLocation { path, changed: row.updated_at }) {
                        return Ok(());
                    }
                }
            }
            if last {
                return Ok(());
            }
        }
    }
}

fn is_listed(collection: &Collection) -> bool {
    collection.has_seo && collection.routable
}
