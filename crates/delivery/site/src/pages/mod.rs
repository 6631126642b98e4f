//! One file per kind of page.

pub(crate) mod archive;
pub(crate) mod entry;
pub(crate) mod facts;
pub(crate) mod feed;
pub(crate) mod home;
pub(crate) mod not_found;
pub(crate) mod robots;
pub(crate) mod search;
pub(crate) mod sitemap;

use emdash_content::reading::{Listing, PublicView};
use emdash_types::Result;

use crate::context::{TeaserContext, TermContext};
use crate::route::ArchiveKind;

/// Categories offered where a reader may want to look around.
const TOPICS: usize = 24;

async fn topics(view: &mut PublicView) -> Result<Vec<TermContext>> {
    let terms = view.busiest_terms(ArchiveKind::Category.name(), TOPICS).await?;
    Ok(terms.iter().map(|counted| TermContext::counted(ArchiveKind::Category, counted)).collect())
}

fn teasers(listing: &Listing) -> Vec<TeaserContext> {
    listing.entries.iter().map(TeaserContext::of).collect()
}

/// The first row of a numbered page.
fn offset(page: u64, size: u32) -> u64 {
    page.saturating_sub(1).saturating_mul(u64::from(size))
}
