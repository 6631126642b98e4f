//! WordPress export files (WXR), read as a stream: what the site is first, then one item at a time.
//!
//! Memory stays bounded by the largest item. Entities are never expanded beyond XML's own five and
//! character references, and a document type declaration is refused.

mod input;
mod model;
mod reader;

pub use model::{Author, Item, ItemTerm, MetaEntry, Site, Term};
pub use reader::Wxr;
