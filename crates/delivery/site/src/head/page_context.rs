//! What a plugin is told about a page.

use emdash_types::{CollectionName, EntryId};
use serde::Serialize;

/// Whether a page shows an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PageKind {
    /// It does.
    Content,
    /// It is a list, a search or the like.
    Custom,
}

/// The entry a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContentReference {
    /// Collection.
    pub collection: CollectionName,
    /// Entry.
    pub id: EntryId,
    /// Slug.
    pub slug: Option<String>,
}

/// Values for search engines and link previews that differ from the page's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageSeo {
    /// Title in link previews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub og_title: Option<String>,
    /// Description in link previews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub og_description: Option<String>,
    /// Image in link previews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub og_image: Option<String>,
    /// `robots`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robots: Option<String>,
}

/// Facts of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArticleMeta {
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_time: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_time: Option<String>,
    /// Name of the first author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

/// One step from the front page to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breadcrumb {
    /// Name.
    pub name: String,
    /// Absolute address.
    pub url: String,
}

/// A public page, as plugins see it (plugin contract §4.9). Serialises to the contract's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicPageContext {
    /// Absolute address.
    pub url: String,
    /// Path.
    pub path: String,
    /// Locale.
    pub locale: Option<String>,
    /// Entry or something else.
    pub kind: PageKind,
    /// `article` or `website`.
    pub page_type: &'static str,
    /// Title of the browser window.
    pub title: Option<String>,
    /// Title of the page alone.
    pub page_title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Canonical address.
    pub canonical: Option<String>,
    /// Absolute address of the page's image.
    pub image: Option<String>,
    /// The entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentReference>,
    /// Differing values for search engines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seo: Option<PageSeo>,
    /// Facts of an article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_meta: Option<ArticleMeta>,
    /// Site title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// Site origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_url: Option<String>,
    /// The way to the page, itself included; empty on the front page.
    pub breadcrumbs: Vec<Breadcrumb>,
}
