//! One post, one page, one entry of any collection with public pages.

use std::sync::Arc;

use emdash_content::reading::{EntryLink, PAGES, POSTS, PublicEntry};
use emdash_types::Result;
use serde::Serialize;

use super::facts::Facts;
use crate::context::{EntryContext, NeighbourContext};
use crate::head::{ArticleMeta, ContentReference};
use crate::renderer::Work;
use crate::response::{PRIVATE, SiteResponse};
use crate::route::ArchiveKind;

/// Deepest path of pages under pages that is followed.
const MAX_DEPTH: usize = 6;

#[derive(Serialize)]
struct EntryPage {
    entry: EntryContext,
    previous: Option<NeighbourContext>,
    next: Option<NeighbourContext>,
    parents: Vec<NeighbourContext>,
    children: Vec<NeighbourContext>,
}

pub(crate) async fn page(mut work: Work<'_>, segments: &[String]) -> Result<Option<SiteResponse>> {
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match work.view.entry_at(&parts).await? {
        Some(entry) => whole(work, entry).await.map(Some),
        None => nested(&mut work, &parts).await,
    }
}

/// A page's address that names the pages above it leads to the page.
async fn nested(work: &mut Work<'_>, parts: &[&str]) -> Result<Option<SiteResponse>> {
    if !(2..=MAX_DEPTH).contains(&parts.len()) {
        return Ok(None);
    }
    let mut last = None;
    for part in parts {
        let found = work.view.entry_at(&[part]).await?;
        let Some(entry) = found.filter(|entry| entry.entry.collection.as_str() == PAGES) else {
            return Ok(None);
        };
        last = Some(entry.path);
    }
    Ok(last.map(SiteResponse::moved))
}

/// A draft: for its reader only, and not for search engines.
pub(crate) async fn preview(work: Work<'_>, mut entry: PublicEntry) -> Result<SiteResponse> {
    entry.seo.no_index = true;
    let mut response = whole(work, entry).await?.not_kept();
    response.cache_control = PRIVATE;
    Ok(response)
}

async fn whole(mut work: Work<'_>, entry: PublicEntry) -> Result<SiteResponse> {
    let collection = entry.entry.collection.to_string();
    let neighbours =
        if collection == PAGES { Default::default() } else { work.view.neighbours(&entry).await? };
    if collection != PAGES {
        work.lists(&collection);
    }
    work.tags.entries.insert(entry.entry.id.clone());
    let frame = Arc::clone(&work.frame);
    let parents: Vec<&EntryLink> =
        frame.pages_above(&entry.entry.id).into_iter().map(|page| &page.link).collect();
    let facts = facts(&entry, &parents, collection == PAGES);
    let own = EntryPage {
        entry: EntryContext::of(&entry),
        previous: neighbours.previous.as_ref().map(NeighbourContext::from),
        next: neighbours.next.as_ref().map(NeighbourContext::from),
        parents: parents.into_iter().map(NeighbourContext::from).collect(),
        children: frame
            .pages_below(Some(&entry.entry.id))
            .map(|page| NeighbourContext::from(&page.link))
            .collect(),
    };
    let special = format!("{collection}.html");
    match collection.as_str() {
        POSTS => work.finish(&["post.html"], "post", own, facts).await,
        PAGES => work.finish(&["page.html"], "page", own, facts).await,
        _ => work.finish(&[&special, "post.html"], "post", own, facts).await,
    }
}

fn facts(entry: &PublicEntry, parents: &[&EntryLink], is_page: bool) -> Facts {
    let row = &entry.entry;
    let category = entry.terms_in(ArchiveKind::Category.name()).next();
    let category = category.map(|term| (term.label.clone(), ArchiveKind::Category.path(&term.slug)));
    let above = parents.iter().map(|page| (page.title.clone(), page.path.clone()));
    let article = ArticleMeta {
        published_time: row.published_at.map(|at| at.to_string()),
        modified_time: Some(row.updated_at.to_string()),
        author: entry.bylines.first().map(|credit| credit.byline.display_name.clone()),
    };
    Facts {
        path: entry.path.clone(),
        title: Some(entry.title.clone()),
        seo_title: entry.seo.title.clone(),
        description: entry.seo.description.clone().or_else(|| Some(entry.excerpt.clone())),
        canonical: entry.seo.canonical.clone().map(Some),
        image: entry.seo.image.clone().or_else(|| entry.image.as_ref().map(|image| image.url.clone())),
        locale: row.locale.clone(),
        no_index: entry.seo.no_index,
        content: Some(ContentReference {
            collection: row.collection.clone(),
            id: row.id.clone(),
            slug: row.slug.clone(),
        }),
        article: (!is_page).then_some(article),
        crumbs: category
            .into_iter()
            .chain(above)
            .chain([(entry.title.clone(), entry.path.clone())])
            .collect(),
        ..Facts::default()
    }
}
