//! Collections, entries, revisions, taxonomies, bylines, media, SEO and search.

mod byline;
mod collection;
mod entry;
mod media;
mod revision;
mod search;
mod seo;
mod taxonomy;

pub use byline::{Byline, BylineCredit, BylineRepository};
pub use collection::{Collection, CollectionRepository, ColumnKind, Field, FieldKind};
pub use entry::{
    DateField, DateRange, Entry, EntryFilter, EntryLocation, EntryOrder, EntryRepository, EntryStatus,
    FieldCondition, OrderBy, SYSTEM_COLUMNS, cursor_after,
};
pub use media::{Media, MediaRepository, MediaStatus};
pub use revision::{Revision, RevisionRepository};
pub use search::{SearchDocument, SearchHit, SearchRepository};
pub use seo::{Seo, SeoRepository};
pub use taxonomy::{Taxonomy, TaxonomyRepository, Term, TermCount};
