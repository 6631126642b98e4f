//! Entries: rows of `ec_<collection>` (CMS contract §4.2).

use async_trait::async_trait;
use emdash_types::{
    BylineId, CollectionName, Cursor, EntryId, JsonMap, Page, PageRequest, Result, RevisionId, TermId,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Collection;

/// Columns every entry has; never field names.
pub const SYSTEM_COLUMNS: [&str; 15] = [
    "id",
    "slug",
    "status",
    "author_id",
    "primary_byline_id",
    "created_at",
    "updated_at",
    "published_at",
    "scheduled_at",
    "deleted_at",
    "version",
    "live_revision_id",
    "draft_revision_id",
    "locale",
    "translation_group",
];

/// Where an entry is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryStatus {
    /// Not public.
    Draft,
    /// Public.
    Published,
    /// Will be published at `scheduled_at`.
    Scheduled,
}

impl EntryStatus {
    /// The text in column and wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Scheduled => "scheduled",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Scheduled].into_iter().find(|status| status.as_str() == text)
    }
}

/// An entry with its live field values.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Id.
    pub id: EntryId,
    /// Collection.
    pub collection: CollectionName,
    /// Slug, unique per collection and locale.
    pub slug: Option<String>,
    /// Status.
    pub status: EntryStatus,
    /// Owner.
    pub author_id: Option<UserId>,
    /// First author credit.
    pub primary_byline_id: Option<BylineId>,
    /// Made at.
    pub created_at: Timestamp,
    /// Live values last changed at.
    pub updated_at: Timestamp,
    /// First published at.
    pub published_at: Option<Timestamp>,
    /// To be published at.
    pub scheduled_at: Option<Timestamp>,
    /// Trashed at.
    pub deleted_at: Option<Timestamp>,
    /// Grows by one with every change.
    pub version: i64,
    /// The revision that is live.
    pub live_revision_id: Option<RevisionId>,
    /// The revision that waits to be published.
    pub draft_revision_id: Option<RevisionId>,
    /// Locale.
    pub locale: String,
    /// Shared by all translations; the id of the first.
    pub translation_group: String,
    /// Field values; absent where the column is NULL.
    pub data: JsonMap,
}

/// Which dates a range filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateField {
    /// `created_at`.
    CreatedAt,
    /// `updated_at`.
    UpdatedAt,
    /// `published_at`.
    PublishedAt,
}

/// A half-open range of instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The column.
    pub field: DateField,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// A condition on the value of a field. Where there is none, only [`FieldCondition::Missing`] holds.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "few live at once, and a boxed bound is harder to read")]
pub enum FieldCondition {
    /// There is no value.
    Missing,
    /// It is one of these.
    In(Vec<Value>),
    /// It lies between these.
    Range {
        /// Beyond.
        gt: Option<Value>,
        /// At or beyond.
        gte: Option<Value>,
        /// Before.
        lt: Option<Value>,
        /// At or before.
        lte: Option<Value>,
    },
    /// It is text that begins so.
    Prefix(String),
}

/// Which entries are wanted; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryFilter {
    /// Only this status.
    pub status: Option<EntryStatus>,
    /// Only this locale.
    pub locale: Option<String>,
    /// Only this entry's translations, itself included.
    pub translation_group: Option<String>,
    /// Only this owner.
    pub author_id: Option<UserId>,
    /// Only entries credited to this byline.
    pub byline_id: Option<BylineId>,
    /// Only entries with one of these terms.
    pub terms: Option<Vec<TermId>>,
    /// Only entries whose title or slug contains this text, whatever the case.
    pub text: Option<String>,
    /// Only entries in this range.
    pub dates: Option<DateRange>,
    /// Only entries whose fields fulfil all of these.
    pub fields: Vec<(CollectionName, FieldCondition)>,
    /// Only entries due for scheduled publication at this instant.
    pub due_at: Option<Timestamp>,
    /// Only these ids.
    pub ids: Option<Vec<EntryId>>,
    /// Trashed entries instead of the others.
    pub trashed: bool,
}

/// The column a list is ordered by; `id` breaks ties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderBy {
    /// `created_at`.
    CreatedAt,
    /// `updated_at`.
    UpdatedAt,
    /// `published_at`.
    PublishedAt,
    /// `scheduled_at`.
    ScheduledAt,
    /// `deleted_at`.
    DeletedAt,
    /// `slug`.
    Slug,
    /// `status`.
    Status,
    /// `locale`.
    Locale,
    /// A field of the collection, checked by the caller.
    Field(CollectionName),
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryOrder {
    /// Column.
    pub by: OrderBy,
    /// Newest or largest first.
    pub descending: bool,
}

impl EntryOrder {
    /// Newest publication first.
    #[must_use]
    pub fn newest() -> Self {
        Self { by: OrderBy::PublishedAt, descending: true }
    }
}

/// Where a published entry stands and when it last changed, for the sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryLocation {
    /// Id.
    pub id: EntryId,
    /// Slug.
    pub slug: String,
    /// Live values last changed at.
    pub updated_at: Timestamp,
}

/// Entries of one site.
#[async_trait]
pub trait EntryRepository {
    /// By id; trashed ones only where asked for.
    async fn entry_lookup(
        &mut self,
        collection: &Collection,
        id: &EntryId,
        trashed: bool,
    ) -> Result<Option<Entry>>;

    /// By slug; without locale the alphabetically first one. Never a trashed one.
    async fn entry_find_by_slug(
        &mut self,
        collection: &Collection,
        slug: &str,
        locale: Option<&str>,
    ) -> Result<Option<Entry>>;

    /// A page by cursor: no row is skipped or repeated under concurrent writes. NULLs sort as the smallest value.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a condition or an order on no field, or a value that is not of its field's type.
    async fn entry_list(
        &mut self,
        collection: &Collection,
        filter: &EntryFilter,
        order: &EntryOrder,
        page: &PageRequest,
    ) -> Result<Page<Entry>>;

    /// A window by position, for numbered pages.
    async fn entry_window(
        &mut self,
        collection: &Collection,
        filter: &EntryFilter,
        order: &EntryOrder,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Entry>>;

    /// How many entries the filter finds.
    async fn entry_count(&mut self, collection: &Collection, filter: &EntryFilter) -> Result<u64>;

    /// Published entries with a slug in id order, `limit` after `after`, for the sitemap.
    async fn entry_locations(
        &mut self,
        collection: &Collection,
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryLocation>>;

    /// Stores a new entry.
    ///
    /// # Errors
    /// `SLUG_CONFLICT` when the slug is taken in the locale; `CONFLICT` for a unique field; `VALIDATION_ERROR` for a value
    /// that is not of its field's type or of no field.
    async fn entry_add(&mut self, collection: &Collection, entry: &Entry) -> Result<()>;

    /// Writes every column of the entry if its stored version is still `expected_version`.
    ///
    /// # Errors
    /// `CONFLICT` when the version moved; `SLUG_CONFLICT` as for [`EntryRepository::entry_add`].
    async fn entry_update(
        &mut self,
        collection: &Collection,
        entry: &Entry,
        expected_version: i64,
    ) -> Result<()>;

    /// Removes a row for good; revisions, SEO, credits and terms of it with it.
    async fn entry_delete(&mut self, collection: &Collection, id: &EntryId) -> Result<()>;

    /// The slugs in a locale that are `base` or `base-<digits>`, trashed entries included.
    async fn entry_slugs(&mut self, collection: &Collection, locale: &str, base: &str)
    -> Result<Vec<String>>;
}

/// The cursor after an entry under an order.
#[must_use]
pub fn cursor_after(entry: &Entry, order: &EntryOrder) -> Cursor {
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let order_value = match &order.by {
        OrderBy::CreatedAt => entry.created_at.to_string(),
        OrderBy::UpdatedAt => entry.updated_at.to_string(),
        OrderBy::PublishedAt => instant(entry.published_at),
        OrderBy::ScheduledAt => instant(entry.scheduled_at),
        OrderBy::DeletedAt => instant(entry.deleted_at),
        OrderBy::Slug => entry.slug.clone().unwrap_or_default(),
        OrderBy::Status => entry.status.as_str().to_owned(),
        OrderBy::Locale => entry.locale.clone(),
        OrderBy::Field(field) => entry.data.get(field.as_str()).map(ToString::to_string).unwrap_or_default(),
    };
    Cursor { order_value, id: entry.id.to_string() }
}
