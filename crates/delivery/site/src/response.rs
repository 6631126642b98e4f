//! What a reader gets.

use std::collections::BTreeSet;

use bytes::Bytes;
use emdash_types::{CollectionName, EntryId};

/// Pages may be kept by the reader's browser but are asked about each time.
pub(crate) const REVALIDATE: &str = "public, max-age=0, must-revalidate";
/// For what is meant for one person.
pub(crate) const PRIVATE: &str = "private, no-store";
/// For files whose address changes with their content.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For files whose address stays.
pub(crate) const HOUR: &str = "public, max-age=3600";
/// For `robots.txt`.
pub(crate) const DAY: &str = "public, max-age=86400";
/// For feeds.
pub(crate) const FEED: &str = "public, max-age=300";

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const XML: &str = "application/xml; charset=utf-8";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// What a response was made from. It is outdated when one of these entries changes, when an entry enters,
/// leaves or changes in one of these collections, or when the site's settings, terms or authors do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheTags {
    /// Entries whose content is shown.
    pub entries: BTreeSet<EntryId>,
    /// Collections that are listed.
    pub collections: BTreeSet<CollectionName>,
}

/// An answer, ready to be sent.
#[derive(Clone, Debug)]
pub struct SiteResponse {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
    /// `Cache-Control`.
    pub cache_control: &'static str,
    /// `Location`, for redirects: a path of this site.
    pub location: Option<String>,
    /// Whether a shared page cache may keep it under its path, query left aside, until a tag changes.
    /// Misses, searches and previews are not kept: anybody can make up endless addresses of them.
    pub cacheable: bool,
    /// What it was made from.
    pub tags: CacheTags,
}

impl SiteResponse {
    /// A success that may be kept.
    pub(crate) fn ok(content_type: &str, body: impl Into<Bytes>, cache_control: &'static str) -> Self {
        Self {
            status: 200,
            content_type: content_type.to_owned(),
            body: body.into(),
            cache_control,
            location: None,
            cacheable: true,
            tags: CacheTags::default(),
        }
    }

    /// A lasting redirect to a path of this site.
    pub(crate) fn moved(location: String) -> Self {
        Self { status: 301, location: Some(location), cacheable: false, ..Self::ok(TEXT, Bytes::new(), HOUR) }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn not_kept(mut self) -> Self {
        self.cacheable = false;
        self
    }

    pub(crate) fn tagged(mut self, tags: CacheTags) -> Self {
        self.tags = tags;
        self
    }
}
