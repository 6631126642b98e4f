//! Bylines: author credits, with or without an account (CMS contract §4.4).

use async_trait::async_trait;
use emdash_types::{BylineId, CollectionName, EntryId, Result, UserId};

/// An author as readers see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Byline {
    /// Id; also its translation group until translations exist.
    pub id: BylineId,
    /// Slug, `^[a-z0-9][a-z0-9-]*$`, unique per locale.
    pub slug: String,
    /// Name for people.
    pub display_name: String,
    /// A few words about them.
    pub bio: Option<String>,
    /// Their site.
    pub website_url: Option<String>,
    /// Their account, where they have one.
    pub user_id: Option<UserId>,
    /// Whether they have none.
    pub is_guest: bool,
    /// Locale.
    pub locale: String,
}

/// One author of one entry.
#[derive(Clone, Debug, PartialEq)]
pub struct BylineCredit {
    /// The author.
    pub byline: Byline,
    /// "Photography", "Translation".
    pub role_label: Option<String>,
}

/// Bylines of one site.
#[async_trait]
pub trait BylineRepository {
    /// By id.
    async fn byline_lookup(&mut self, id: &BylineId) -> Result<Option<Byline>>;

    /// By slug.
    async fn byline_find_by_slug(&mut self, slug: &str) -> Result<Option<Byline>>;

    /// By account.
    async fn byline_find_by_user(&mut self, user: &UserId) -> Result<Option<Byline>>;

    /// All, by display name.
    async fn byline_list(&mut self) -> Result<Vec<Byline>>;

    /// Stores one.
    ///
    /// # Errors
    /// `SLUG_CONFLICT` when the slug is taken.
    async fn byline_add(&mut self, byline: &Byline) -> Result<()>;

    /// The credits of several entries at once, in credit order.
    async fn entry_bylines(
        &mut self,
        collection: &CollectionName,
        entries: &[EntryId],
    ) -> Result<Vec<(EntryId, BylineCredit)>>;

    /// Replaces an entry's credits.
    async fn entry_bylines_set(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        credits: &[(BylineId, Option<String>)],
    ) -> Result<()>;
}
