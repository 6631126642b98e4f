//! What templates get; documented for theme authors in `docs/themes.md`.

use emdash_content::reading::{EntryLink, Frame, PublicEntry, PublicImage};
use emdash_document::render::{self, MediaSource, RenderOptions};
use emdash_store::content::{Term, TermCount};
use emdash_types::Timestamp;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use crate::route::ArchiveKind;

/// Pages in the navigation at the top.
const NAVIGATION_LENGTH: usize = 5;
/// Pages in the list at the bottom.
const PAGES_LENGTH: usize = 24;
/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// What every page has, and its own.
#[derive(Debug, Serialize)]
pub(crate) struct Layout<'a, T: Serialize> {
    pub site: SiteContext<'a>,
    pub head: Value,
    pub view: &'static str,
    pub preview: bool,
    pub navigation: Vec<LinkContext<'a>>,
    pub pages: Vec<LinkContext<'a>>,
    #[serde(flatten)]
    pub own: T,
}

#[derive(Debug, Serialize)]
pub(crate) struct SiteContext<'a> {
    pub title: &'a str,
    pub tagline: Option<&'a str>,
    pub url: &'a str,
    pub locale: &'a str,
    pub direction: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct LinkContext<'a> {
    pub label: &'a str,
    pub url: &'a str,
    pub current: bool,
}

impl<'a> LinkContext<'a> {
    fn of(link: &'a EntryLink, path: &str) -> Self {
        Self { label: &link.title, url: &link.path, current: link.path == path }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct DateContext {
    pub iso: String,
    pub long: String,
}

impl From<Timestamp> for DateContext {
    fn from(at: Timestamp) -> Self {
        Self { iso: at.to_string(), long: at.long_date() }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TermContext {
    pub label: String,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

impl TermContext {
    pub(crate) fn of(kind: ArchiveKind, term: &Term) -> Self {
        Self { label: term.label.clone(), url: kind.path(&term.slug), count: None }
    }

    pub(crate) fn counted(kind: ArchiveKind, counted: &TermCount) -> Self {
        Self { count: Some(counted.count), ..Self::of(kind, &counted.term) }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct AuthorContext {
    pub name: String,
    pub url: String,
    pub role: Option<String>,
    pub bio: Option<String>,
    pub website: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ImageContext {
    pub url: String,
    pub alt: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

impl From<&PublicImage> for ImageContext {
    fn from(image: &PublicImage) -> Self {
        let alt = image.alt.clone().unwrap_or_default();
        Self { url: image.url.clone(), alt, width: image.width, height: image.height }
    }
}

/// An entry in a list, and the part of a whole one that a list shows too.
#[derive(Debug, Serialize)]
pub(crate) struct TeaserContext {
    pub title: String,
    pub url: String,
    pub collection: String,
    pub locale: String,
    pub excerpt: String,
    pub standfirst: Option<String>,
    pub published: Option<DateContext>,
    pub updated: Option<DateContext>,
    pub categories: Vec<TermContext>,
    pub tags: Vec<TermContext>,
    pub authors: Vec<AuthorContext>,
    pub image: Option<ImageContext>,
    pub reading_minutes: u32,
    pub fields: Value,
}

/// A whole entry.
#[derive(Debug, Serialize)]
pub(crate) struct EntryContext {
    #[serde(flatten)]
    pub teaser: TeaserContext,
    pub content: Value,
}

/// An edit within a day of publication is part of publishing.
const SETTLING_MILLIS: i64 = 24 * 60 * 60 * 1000;

impl TeaserContext {
    pub(crate) fn of(entry: &PublicEntry) -> Self {
        let terms = |kind: ArchiveKind| {
            entry.terms_in(kind.name()).map(|term| TermContext::of(kind, term)).collect::<Vec<_>>()
        };
        let authors = entry.bylines.iter().map(|credit| AuthorContext {
            name: credit.byline.display_name.clone(),
            url: ArchiveKind::Author.path(&credit.byline.slug),
            role: credit.role_label.clone(),
            bio: credit.byline.bio.clone().filter(|bio| !bio.trim().is_empty()),
            website: credit.byline.website_url.clone(),
        });
        let row = &entry.entry;
        let updated = row.published_at.filter(|at| row.updated_at > at.plus_millis(SETTLING_MILLIS));
        Self {
            title: entry.title.clone(),
            url: entry.path.clone(),
            collection: row.collection.to_string(),
            locale: row.locale.clone(),
            excerpt: entry.excerpt.clone(),
            standfirst: entry.standfirst.clone(),
            published: row.published_at.map(DateContext::from),
            updated: updated.map(|_| DateContext::from(row.updated_at)),
            categories: terms(ArchiveKind::Category),
            tags: terms(ArchiveKind::Tag),
            authors: authors.collect(),
            image: entry.image.as_ref().map(ImageContext::from),
            reading_minutes: render::reading_time(&entry.document),
            fields: Value::from(Serde(&row.data)),
        }
    }
}

impl EntryContext {
    pub(crate) fn of(entry: &PublicEntry) -> Self {
        let html = content_html(entry, &RenderOptions::default());
        Self { teaser: TeaserContext::of(entry), content: Value::from_safe_string(html) }
    }
}

/// The text of an entry as HTML, its pictures resolved against the library.
pub(crate) fn content_html(entry: &PublicEntry, options: &RenderOptions<'_>) -> String {
    let lookup = |reference: &str| {
        entry.media.get(reference).map(|image| MediaSource {
            url: image.url.clone(),
            alt: image.alt.clone(),
            width: image.width,
            height: image.height,
        })
    };
    render::html(&entry.document, &RenderOptions { media: Some(&lookup), ..*options })
}

#[derive(Debug, Serialize)]
pub(crate) struct Pagination {
    pub page: u64,
    pub pages: u64,
    pub newer: Option<String>,
    pub older: Option<String>,
}

impl Pagination {
    /// The numbered page of a list, or nothing where the list ends before it.
    pub(crate) fn of(page: u64, total: u64, size: u32, url: impl Fn(u64) -> String) -> Option<Self> {
        let pages = total.div_ceil(u64::from(size.max(1))).max(1);
        (1..=pages).contains(&page).then(|| Self {
            page,
            pages,
            newer: page.checked_sub(1).filter(|newer| *newer > 0).map(&url),
            older: Some(page + 1).filter(|older| *older <= pages).map(&url),
        })
    }
}

/// A link to another entry.
#[derive(Debug, Serialize)]
pub(crate) struct NeighbourContext {
    pub title: String,
    pub url: String,
}

impl From<&EntryLink> for NeighbourContext {
    fn from(link: &EntryLink) -> Self {
        Self { title: link.title.clone(), url: link.path.clone() }
    }
}

pub(crate) fn layout<'a, T: Serialize>(
    frame: &'a Frame,
    base: &'a str,
    path: &str,
    view: &'static str,
    own: T,
) -> Layout<'a, T> {
    let pages = |length: usize| {
        let links = frame.pages_below(None).take(length).map(|page| LinkContext::of(&page.link, path));
        links.collect::<Vec<_>>()
    };
    let language = frame.site.locale.split(['-', '_']).next().unwrap_or_default();
    Layout {
        site: SiteContext {
            title: &frame.site.title,
            tagline: frame.site.tagline.as_deref(),
            url: base,
            locale: &frame.site.locale,
            direction: if RIGHT_TO_LEFT.contains(&language) { "rtl" } else { "ltr" },
        },
        head: Value::from(()),
        view,
        preview: false,
        navigation: pages(NAVIGATION_LENGTH),
        pages: pages(PAGES_LENGTH),
        own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn walking_older_visits_every_page_once(total in 0_u64..500, size in 1_u32..30) {
            let url = |page: u64| page.to_string();
            let mut page = 1;
            let mut visited = 0;
            while let Some(step) = Pagination::of(page, total, size, url) {
                visited += 1;
                prop_assert_eq!(step.newer.is_none(), page == 1);
                let Some(older) = step.older else { break };
                page = older.parse().unwrap();
            }
            prop_assert_eq!(visited, total.div_ceil(u64::from(size)).max(1));
            prop_assert!(Pagination::of(visited + 1, total, size, url).is_none());
            prop_assert!(Pagination::of(0, total, size, url).is_none());
        }
    }
}
