//! Collections, entries and everything around them.

mod bylines;
mod collections;
mod entries;
mod filter;
mod keyset;
mod media;
mod revisions;
mod search;
mod seo;
mod taxonomies;
mod values;

use emdash_types::CollectionName;

/// The quoted table of a collection's entries.
fn table(collection: &CollectionName) -> String {
    format!("\"ec_{collection}\"")
}
