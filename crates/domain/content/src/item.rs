//! The shapes on the wire (CMS contract §3.1, §3.2).

use emdash_store::content::{Byline, Entry, EntryStatus, Revision, Seo, Term};
use emdash_types::{BylineId, CollectionName, EntryId, JsonMap, RevisionId, TermId, Timestamp, UserId};
use serde::Serialize;
use serde_json::Value;

use crate::Rev;

/// An author as readers see them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BylineSummary {
    /// Id.
    pub id: BylineId,
    /// Slug.
    pub slug: String,
    /// Name for people.
    pub display_name: String,
    /// A few words about them.
    pub bio: Option<String>,
    /// Their site.
    pub website_url: Option<String>,
    /// Their account.
    pub user_id: Option<UserId>,
    /// Whether they have none.
    pub is_guest: bool,
    /// Locale.
    pub locale: String,
    /// Shared by all translations.
    pub translation_group: BylineId,
}

impl From<Byline> for BylineSummary {
    fn from(byline: Byline) -> Self {
        Self {
            translation_group: byline.id.clone(),
            id: byline.id,
            slug: byline.slug,
            display_name: byline.display_name,
            bio: byline.bio,
            website_url: byline.website_url,
            user_id: byline.user_id,
            is_guest: byline.is_guest,
            locale: byline.locale,
        }
    }
}

/// Where a credit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CreditSource {
    /// Somebody set it.
    Explicit,
    /// The entry has none; its owner's byline stands in.
    Inferred,
}

/// One author credit of an item.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditItem {
    /// The author.
    pub byline: BylineSummary,
    /// Position.
    pub sort_order: usize,
    /// "Photography", "Translation".
    pub role_label: Option<String>,
    /// Set or inferred.
    pub source: CreditSource,
}

/// The author credits of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Credits {
    /// All, in order.
    pub bylines: Vec<CreditItem>,
    /// The first.
    pub byline: Option<BylineSummary>,
}

/// An entry as clients and plugins see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentItem {
    /// Id.
    pub id: EntryId,
    /// Collection.
    #[serde(rename = "type")]
    pub collection: CollectionName,
    /// Slug; the staged one where the draft has one.
    pub slug: Option<String>,
    /// Status.
    pub status: EntryStatus,
    /// Field values: the draft's where there is one and the caller may read drafts.
    pub data: JsonMap,
    /// Owner.
    pub author_id: Option<UserId>,
    /// First author credit.
    pub primary_byline_id: Option<BylineId>,
    /// Made at.
    pub created_at: Timestamp,
    /// Live row last changed at.
    pub updated_at: Timestamp,
    /// First published at.
    pub published_at: Option<Timestamp>,
    /// To be published at.
    pub scheduled_at: Option<Timestamp>,
    /// Trashed at; only in lists of the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The live revision.
    pub live_revision_id: Option<RevisionId>,
    /// The staged revision.
    pub draft_revision_id: Option<RevisionId>,
    /// Grows with every change of values.
    pub version: i64,
    /// Locale.
    pub locale: String,
    /// Shared by all translations.
    pub translation_group: String,
    /// SEO data, where the collection has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seo: Option<Seo>,
    /// Author credits; absent after publishing, scheduling and the like.
    #[serde(flatten)]
    pub credits: Option<Credits>,
    /// The published values, where `data` is a draft's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_data: Option<JsonMap>,
}

impl ContentItem {
    /// An entry with its live values only.
    #[must_use]
    pub fn live(entry: Entry) -> Self {
        Self {
            id: entry.id,
            collection: entry.collection,
            slug: entry.slug,
            status: entry.status,
            data: entry.data,
            author_id: entry.author_id,
            primary_byline_id: entry.primary_byline_id,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
            published_at: entry.published_at,
            scheduled_at: entry.scheduled_at,
            deleted_at: entry.deleted_at,
            live_revision_id: entry.live_revision_id,
            draft_revision_id: entry.draft_revision_id,
            version: entry.version,
            locale: entry.locale,
            translation_group: entry.translation_group,
            seo: None,
            credits: None,
            live_data: None,
        }
    }

    /// An entry with its staged values; the live ones stand beside them.
    #[must_use]
    pub fn staged(entry: Entry, draft: &Revision) -> Self {
        let mut item = Self::live(entry);
        let data = crate::fields::visible(&draft.data);
        if let Some(slug) = crate::fields::staged_slug(&draft.data) {
            item.slug = Some(slug.to_owned());
        }
        item.live_data = Some(std::mem::replace(&mut item.data, data));
        item
    }
}

/// An item with the lock for its next change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RevisedItem {
    /// The item.
    pub item: ContentItem,
    /// The lock.
    #[serde(rename = "_rev")]
    pub rev: Rev,
}

/// One page of a list of items.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemList {
    /// The items.
    pub items: Vec<ContentItem>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How many there are on all pages.
    pub total: u64,
}

/// What is live beside what is staged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Whether something is staged that is not live.
    pub has_changes: bool,
    /// The live values.
    pub live: Option<JsonMap>,
    /// The staged values, with `_slug` where a slug is staged.
    pub draft: Option<JsonMap>,
}

/// A stored revision.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionItem {
    /// Id.
    pub id: RevisionId,
    /// Collection of the entry.
    pub collection: CollectionName,
    /// The entry.
    pub entry_id: EntryId,
    /// Field values, with `_slug` where a slug was staged.
    pub data: JsonMap,
    /// Who made it.
    pub author_id: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

impl From<Revision> for RevisionItem {
    fn from(revision: Revision) -> Self {
        Self {
            id: revision.id,
            collection: revision.collection,
            entry_id: revision.entry_id,
            data: revision.data,
            author_id: revision.author_id,
            created_at: revision.created_at,
        }
    }
}

/// The newest revisions of an entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RevisionList {
    /// Newest first.
    pub items: Vec<RevisionItem>,
    /// How many there are.
    pub total: u64,
}

/// A term of an entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TermItem {
    /// Id.
    pub id: TermId,
    /// The taxonomy's name.
    pub name: CollectionName,
    /// Slug.
    pub slug: String,
    /// Name for people.
    pub label: String,
    /// Parent term.
    pub parent_id: Option<TermId>,
    /// Locale.
    pub locale: String,
    /// Shared by all translations.
    pub translation_group: TermId,
}

impl From<Term> for TermItem {
    fn from(term: Term) -> Self {
        Self {
            id: term.id,
            translation_group: term.translation_group,
            name: term.taxonomy,
            slug: term.slug,
            label: term.label,
            parent_id: term.parent_id,
            locale: term.locale,
        }
    }
}

/// The terms an entry has in one taxonomy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryTerms {
    /// The terms, by label.
    pub terms: Vec<TermItem>,
    /// Terms without a translation in the entry's locale; none until translations exist.
    pub unresolved: Vec<Value>,
    /// The entry's locale.
    pub entry_locale: String,
    /// The site's locale.
    pub default_locale: &'static str,
    /// Whether the site never chose a locale.
    pub implicit_default_locale: bool,
}
