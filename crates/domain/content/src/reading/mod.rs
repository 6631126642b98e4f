//! The public read model: what anybody may see of a site, ready to be shown.
//!
//! Only published entries that are not in the trash leave this module; the one exception is
//! [`PublicView::preview`], whose caller has checked a preview token. A whole list is hydrated with one
//! query per kind of thing, whatever its length.

mod archive;
mod entry;
#[cfg(test)]
mod fixture;
mod frame;
mod path;
mod preview;
mod search;
mod sitemap;

use std::sync::Arc;

use emdash_store::content::{Collection, EntryFilter, EntryOrder, EntryStatus, cursor_after};
use emdash_store::{SiteStore, SiteTransaction};
use emdash_types::{BylineId, CollectionName, PageRequest, Result, TermId};
use parking_lot::Mutex;

use crate::Generation;
pub use archive::{BylineArchive, TermArchive};
pub use entry::{PublicEntry, PublicImage};
pub use frame::{EntryLink, Frame, PageNode, SeoSettings, SiteInfo};
pub use path::{decode_segment, encode_path};
pub use search::{Found, SearchResults};
pub use sitemap::{SITEMAP_LIMIT, SitemapFile, SitemapLocation};

/// The collection that is listed: the front page, archives and feeds show its entries.
pub const POSTS: &str = "posts";
/// The collection whose entries stand in navigations.
pub const PAGES: &str = "pages";

/// Reads one site for the public. Clones share everything.
#[derive(Clone)]
pub struct PublicReader {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn SiteStore>,
    generation: Generation,
    frame: Mutex<Option<(u64, Arc<Frame>)>>,
}

impl PublicReader {
    /// Reads from a store. What every page shares is kept until `generation` advances.
    #[must_use]
    pub fn new(store: Arc<dyn SiteStore>, generation: Generation) -> Self {
        Self { inner: Arc::new(Inner { store, generation, frame: Mutex::new(None) }) }
    }

    /// Begins to read: everything one view answers is of one moment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(&self) -> Result<PublicView> {
        let generation = self.inner.generation.current();
        let mut transaction = self.inner.store.read().await?;
        let kept = self.inner.frame.lock().clone().filter(|(number, _)| *number == generation);
        let frame = match kept {
            Some((_, frame)) => frame,
            None => {
                let frame = Arc::new(Frame::load(transaction.as_mut()).await?);
                *self.inner.frame.lock() = Some((generation, Arc::clone(&frame)));
                frame
            }
        };
        Ok(PublicView { transaction, frame })
    }
}

/// Which entries of [`POSTS`] are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    All,
    /// Those with one of these terms.
    Terms(Vec<TermId>),
    /// Those credited to this author.
    Byline(BylineId),
}

/// A window of a list.
#[derive(Debug)]
pub struct Listing {
    /// The entries, newest first.
    pub entries: Vec<PublicEntry>,
    /// How many there are in all windows.
    pub total: u64,
}

/// The entries before and after one, by publication.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// The next older one.
    pub previous: Option<EntryLink>,
    /// The next newer one.
    pub next: Option<EntryLink>,
}

/// A consistent view of one site, as the public sees it.
pub struct PublicView {
    transaction: Box<dyn SiteTransaction>,
    frame: Arc<Frame>,
}

impl PublicView {
    /// What every page shares.
    #[must_use]
    pub fn frame(&self) -> &Arc<Frame> {
        &self.frame
    }

    /// A window of the posts, newest first, with their number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn posts(&mut self, scope: &Scope, offset: u64, limit: u32) -> Result<Listing> {
        let frame = Arc::clone(&self.frame);
        let Some(collection) = frame.collection(POSTS) else {
            return Ok(Listing { entries: Vec::new(), total: 0 });
        };
        let mut filter = published();
        match scope {
            Scope::All => {}
            Scope::Terms(terms) => filter.terms = Some(terms.clone()),
            Scope::Byline(byline) => filter.byline_id = Some(byline.clone()),
        }
        let total = self.transaction.entry_count(collection, &filter).await?;
        let rows = if offset < total {
            let order = EntryOrder::newest();
            self.transaction.entry_window(collection, &filter, &order, offset, limit).await?
        } else {
            Vec::new()
        };
        Ok(Listing { entries: self.hydrate(collection, rows).await?, total })
    }

    /// The published entry that stands at a path, given as decoded segments.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entry_at(&mut self, segments: &[&str]) -> Result<Option<PublicEntry>> {
        let frame = Arc::clone(&self.frame);
        for collection in frame.routed() {
            if let Some(slug) = path::slug_in(collection, segments)
                && let Some(entry) = self.entry_by_slug(collection, slug).await?
            {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    async fn entry_by_slug(&mut self, collection: &Collection, slug: &str) -> Result<Option<PublicEntry>> {
        let row = self.transaction.entry_find_by_slug(collection, slug, None).await?;
        match row.filter(|row| row.status == EntryStatus::Published && row.deleted_at.is_none()) {
            Some(row) => self.hydrate_whole(collection, row).await,
            None => Ok(None),
        }
    }

    /// The neighbours of an entry in its collection.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn neighbours(&mut self, of: &PublicEntry) -> Result<Neighbours> {
        let frame = Arc::clone(&self.frame);
        let Some(collection) = frame.collection(of.entry.collection.as_str()) else {
            return Ok(Neighbours::default());
        };
        Ok(Neighbours {
            previous: self.neighbour(collection, of, true).await?,
            next: self.neighbour(collection, of, false).await?,
        })
    }

    async fn neighbour(
        &mut self,
        collection: &Collection,
        of: &PublicEntry,
        descending: bool,
    ) -> Result<Option<EntryLink>> {
        let order = EntryOrder { descending, ..EntryOrder::newest() };
        let page = PageRequest { limit: 1, cursor: Some(cursor_after(&of.entry, &order)) };
        let found = self.transaction.entry_list(collection, &published(), &order, &page).await?;
        Ok(found.items.first().and_then(|entry| EntryLink::of(collection, entry)))
    }
}

/// Published and not in the trash.
fn published() -> EntryFilter {
    EntryFilter { status: Some(EntryStatus::Published), ..EntryFilter::default() }
}

/// A name from this program's own words; `None` only for text that is no name.
fn name(text: &str) -> Option<CollectionName> {
    CollectionName::parse(text).ok()
}
