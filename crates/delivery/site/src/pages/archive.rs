//! The posts of a category, a tag or an author.

use emdash_content::reading::{BylineArchive, POSTS, PublicView, Scope, TermArchive};
use emdash_types::Result;
use serde::Serialize;

use super::facts::Facts;
use super::{offset, teasers};
use crate::context::{Pagination, TeaserContext, TermContext};
use crate::renderer::Work;
use crate::response::SiteResponse;
use crate::route::ArchiveKind;

#[derive(Debug, Serialize)]
pub(crate) struct Archive {
    kind: &'static str,
    kind_label: &'static str,
    pub title: String,
    pub description: Option<String>,
    website: Option<String>,
    parents: Vec<TermContext>,
    children: Vec<TermContext>,
    /// Path of its RSS feed.
    feed: String,
    #[serde(skip)]
    pub path: String,
    #[serde(skip)]
    pub scope: Scope,
}

#[derive(Serialize)]
struct ArchivePage {
    archive: Archive,
    posts: Vec<TeaserContext>,
    pagination: Pagination,
    total: u64,
}

/// Finds what an archive's address names.
pub(crate) async fn find(view: &mut PublicView, kind: ArchiveKind, slug: &str) -> Result<Option<Archive>> {
    Ok(match kind {
        ArchiveKind::Author => view.byline(slug).await?.map(of_author),
        ArchiveKind::Category | ArchiveKind::Tag => {
            view.term(kind.name(), slug).await?.map(|found| of_term(kind, found))
        }
    })
}

fn of_author(found: BylineArchive) -> Archive {
    let path = ArchiveKind::Author.path(&found.byline.slug);
    let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    Archive {
        kind: ArchiveKind::Author.name(),
        kind_label: ArchiveKind::Author.label(),
        scope: found.scope(),
        title: found.byline.display_name,
        description: found.byline.bio,
        website: found.byline.website_url.filter(web),
        parents: Vec::new(),
        children: Vec::new(),
        feed: format!("{path}/feed.xml"),
        path,
    }
}

fn of_term(kind: ArchiveKind, found: TermArchive) -> Archive {
    let path = kind.path(&found.term.slug);
    let terms = |terms: &[_]| terms.iter().map(|term| TermContext::of(kind, term)).collect();
    Archive {
        kind: kind.name(),
        kind_label: kind.label(),
        scope: found.scope(),
        parents: terms(&found.parents),
        children: terms(&found.children),
        title: found.term.label,
        description: found.term.description,
        website: None,
        feed: format!("{path}/feed.xml"),
        path,
    }
}

pub(crate) async fn page(
    mut work: Work<'_>,
    kind: ArchiveKind,
    slug: &str,
    page: u64,
) -> Result<Option<SiteResponse>> {
    let Some(archive) = find(&mut work.view, kind, slug).await? else { return Ok(None) };
    let size = work.frame.site.posts_per_page;
    let listing = work.view.posts(&archive.scope, offset(page, size), size).await?;
    let path = |page: u64| match page {
        1 => archive.path.clone(),
        _ => format!("{}/page/{page}", archive.path),
    };
    let Some(pagination) = Pagination::of(page, listing.total, size, path) else { return Ok(None) };
    work.lists(POSTS);
    let parents = archive.parents.iter().map(|parent| (parent.label.clone(), parent.url.clone()));
    let facts = Facts {
        path: path(page),
        title: Some(if page > 1 {
            format!("{} (page {page})", archive.title)
        } else {
            archive.title.clone()
        }),
        description: archive.description.clone(),
        locale: work.frame.site.locale.clone(),
        no_index: listing.total == 0,
        crumbs: parents.chain([(archive.title.clone(), archive.path.clone())]).collect(),
        items: listing.entries.iter().map(|entry| (entry.title.clone(), entry.path.clone())).collect(),
        feed: Some((archive.title.clone(), archive.path.clone())),
        ..Facts::default()
    };
    let own = ArchivePage { posts: teasers(&listing), total: listing.total, archive, pagination };
    work.finish(&["archive.html"], "archive", own, facts).await.map(Some)
}
