//! What every page of a site shares: its settings, its collections, its navigation.

use std::collections::HashMap;
use std::sync::Arc;

use emdash_store::SiteTransaction;
use emdash_store::content::{Collection, Entry, EntryOrder, OrderBy, TermCount};
use emdash_types::{CollectionName, EntryId, Result};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;

use super::entry::title_of;
use super::{PAGES, path, published};
use crate::DEFAULT_LOCALE;

/// Most pages whose place among the others is known.
const MAX_PAGES: u32 = 200;
/// Posts per list where the site does not say.
const DEFAULT_PAGE_SIZE: u32 = 10;

/// The public settings of a site (CMS contract §3.10).
#[derive(Clone, Debug, PartialEq)]
pub struct SiteInfo {
    /// Title.
    pub title: String,
    /// A line about the site.
    pub tagline: Option<String>,
    /// Public origin without a trailing slash, where the site says.
    pub url: Option<String>,
    /// Language of the site.
    pub locale: String,
    /// Posts per page of a list, 1 to 100.
    pub posts_per_page: u32,
    /// Settings for search engines.
    pub seo: SeoSettings,
}

/// What the site tells search engines (`site:seo`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SeoSettings {
    /// Stands between page title and site title.
    pub title_separator: Option<String>,
    /// Image for link previews of pages without one.
    pub default_og_image: Option<String>,
    /// The whole of `robots.txt`.
    pub robots_txt: Option<String>,
    /// Google's proof of ownership.
    pub google_verification: Option<String>,
    /// Bing's proof of ownership.
    pub bing_verification: Option<String>,
}

/// An entry's title and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryLink {
    /// Title.
    pub title: String,
    /// Public path, encoded.
    pub path: String,
}

impl EntryLink {
    pub(super) fn of(collection: &Collection, entry: &Entry) -> Option<Self> {
        let slug = entry.slug.as_deref()?;
        Some(Self { title: title_of(&entry.data), path: path::path_of(collection, slug) })
    }
}

/// A page and its place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageNode {
    /// Entry.
    pub id: EntryId,
    /// The page above it.
    pub parent: Option<EntryId>,
    /// Title and path.
    pub link: EntryLink,
}

/// What every page shares.
#[derive(Debug)]
pub struct Frame {
    /// The site.
    pub site: SiteInfo,
    /// Its collections, by name.
    pub collections: Vec<Collection>,
    /// The published pages: by their position, those without one after them, the oldest first.
    pub pages: Vec<PageNode>,
    /// The terms of a taxonomy that are in use, the busiest first, once somebody asked: counting them means
    /// looking at every entry.
    pub(super) terms_in_use: Mutex<HashMap<CollectionName, Arc<[TermCount]>>>,
}

impl Frame {
    pub(super) async fn load(transaction: &mut dyn SiteTransaction) -> Result<Self> {
        let mut options = transaction.option_list("site:").await?;
        // Where setup was told the address; a setting made later stands before it.
        let address = transaction.option_lookup("emdash:site_url").await?;
        options.extend(address.map(|address| ("site:url".to_owned(), address)));
        let site = SiteInfo::from_options(&options);
        let collections = transaction.collection_list().await?;
        let mut pages = Vec::new();
        if let Some(collection) = collections.iter().find(|collection| collection.name.as_str() == PAGES) {
            let order = EntryOrder { by: OrderBy::PublishedAt, descending: false };
            let rows = transaction.entry_window(collection, &published(), &order, 0, MAX_PAGES).await?;
            pages = page_tree(collection, &rows);
        }
        Ok(Self { site, collections, pages, terms_in_use: Mutex::default() })
    }

    /// The pages below a page, or the topmost ones. A page whose parent is not public is a topmost one.
    pub fn pages_below(&self, parent: Option<&EntryId>) -> impl Iterator<Item = &PageNode> {
        self.pages.iter().filter(move |page| self.parent_of(page).map(|above| &above.id) == parent)
    }

    /// The pages above a page, the topmost first.
    #[must_use]
    pub fn pages_above(&self, page: &EntryId) -> Vec<&PageNode> {
        let mut chain: Vec<&PageNode> = Vec::new();
        let mut next = self.pages.iter().find(|node| node.id == *page).and_then(|node| self.parent_of(node));
        while let Some(node) =
            next.filter(|node| node.id != *page && !chain.iter().any(|known| known.id == node.id))
        {
            chain.insert(0, node);
            next = self.parent_of(node);
        }
        chain
    }

    fn parent_of(&self, page: &PageNode) -> Option<&PageNode> {
        let parent = page.parent.as_ref()?;
        self.pages.iter().find(|node| node.id == *parent)
    }

    /// The collection of this name.
    #[must_use]
    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.name.as_str() == name)
    }

    /// The collections with public pages; a pattern that takes any path comes last.
    pub(super) fn routed(&self) -> impl Iterator<Item = &Collection> {
        let open = |collection: &&Collection| collection.path_of("").trim_matches('/').is_empty();
        let routable = || self.collections.iter().filter(|collection| collection.routable);
        routable().filter(move |collection| !open(collection)).chain(routable().filter(open))
    }
}

fn page_tree(collection: &Collection, rows: &[Entry]) -> Vec<PageNode> {
    let position =
        |row: &Entry| row.data.get("menu_order").and_then(Value::as_i64).filter(|order| *order > 0);
    let mut rows: Vec<&Entry> = rows.iter().collect();
    rows.sort_by_key(|row| position(row).unwrap_or(i64::MAX));
    let nodes = rows.into_iter().filter_map(|row| {
        Some(PageNode {
            id: row.id.clone(),
            parent: row.data.get("parent").and_then(Value::as_str).map(EntryId::from),
            link: EntryLink::of(collection, row)?,
        })
    });
    nodes.collect()
}

impl SiteInfo {
    fn from_options(options: &[(String, Value)]) -> Self {
        let value = |name: &str| {
            options.iter().find(|(key, _)| key.strip_prefix("site:") == Some(name)).map(|(_, value)| value)
        };
        let text = |name: &str| {
            value(name)
                .and_then(Value::as_str)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(ToOwned::to_owned)
        };
        let page_size =
            value("postsPerPage").and_then(Value::as_u64).and_then(|size| u32::try_from(size).ok());
        Self {
            title: text("title").unwrap_or_else(|| "Untitled site".to_owned()),
            tagline: text("tagline"),
            url: text("url").map(|url| url.trim_end_matches('/').to_owned()).filter(|url| is_web(url)),
            locale: text("locale").unwrap_or_else(|| DEFAULT_LOCALE.to_owned()),
            posts_per_page: page_size.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, 100),
            seo: value("seo").and_then(|seo| SeoSettings::deserialize(seo).ok()).unwrap_or_default(),
        }
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_with_their_defaults() {
        let options = [
            ("site:title".to_owned(), json!(" Night Notes ")),
            ("site:url".to_owned(), json!("https://notes.example/")),
            ("site:postsPerPage".to_owned(), json!(500)),
            ("site:seo".to_owned(), json!({"titleSeparator": " · ", "unknown": 1})),
        ];
        let site = SiteInfo::from_options(&options);
        assert_eq!(site.title, "Night Notes");
        assert_eq!(site.url.as_deref(), Some("https://notes.example"));
        assert_eq!((site.posts_per_page, site.locale.as_str(), site.tagline), (100, "en", None));
        assert_eq!(site.seo.title_separator.as_deref(), Some(" · "));
        assert_eq!(SiteInfo::from_options(&[]).posts_per_page, 10);
    }

    #[test]
    fn an_address_that_is_not_of_the_web_is_no_origin() {
        let site = SiteInfo::from_options(&[("site:url".to_owned(), json!("javascript:alert(1)"))]);
        assert_eq!(site.url, None);
    }
}
