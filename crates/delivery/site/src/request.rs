//! What a reader asks for.

use emdash_types::EntryId;
use url::form_urlencoded;

/// A draft somebody may see: the answer to a preview token that was checked before (CMS contract §6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewTarget {
    /// The collection.
    pub collection: String,
    /// The entry.
    pub id: EntryId,
}

/// A request for a public page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteRequest {
    /// The path as it came, percent-encoded, without query.
    pub path: String,
    /// The query as it came, without `?`.
    pub query: Option<String>,
    /// Origin under which the site was reached, such as `https://blog.example`; used where the site's
    /// settings name none.
    pub base_url: String,
    /// Set to show a draft.
    pub preview: Option<PreviewTarget>,
}

impl SiteRequest {
    /// A request without query.
    #[must_use]
    pub fn get(path: &str, base_url: &str) -> Self {
        Self { path: path.to_owned(), base_url: base_url.to_owned(), ..Self::default() }
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref()?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}
