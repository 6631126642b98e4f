//! What callers ask for, already parsed.

use std::collections::BTreeMap;

use emdash_store::content::{DateRange, EntryStatus, FieldCondition};
use emdash_types::{BylineId, Cursor, EntryId, JsonMap, Timestamp, UserId};
use serde::Deserialize;

/// An entry as it is named in a path: an id or a slug, and the locale a slug is looked for in.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The collection's name.
    pub collection: &'a str,
    /// An id or a slug, percent-decoded.
    pub id: &'a str,
    /// Only this locale; without, the alphabetically first one that has the slug.
    pub locale: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Any locale.
    #[must_use]
    pub fn new(collection: &'a str, id: &'a str) -> Self {
        Self { collection, id, locale: None }
    }
}

/// One wished author credit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditInput {
    /// The byline.
    pub byline_id: BylineId,
    /// "Photography", "Translation".
    #[serde(default)]
    pub role_label: Option<String>,
}

/// A new entry (CMS contract §3.2, POST).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewContent {
    /// Field values.
    pub data: JsonMap,
    /// Slug; derived from `title` or `name` without it.
    pub slug: Option<String>,
    /// Only `draft` is accepted from people: publishing is a step of its own. A plugin's `published` is that step.
    pub status: Option<EntryStatus>,
    /// Another owner than the caller; honoured with `content:edit_any` only.
    #[serde(skip)]
    pub author_id: Option<UserId>,
    /// The entry this one is a translation of.
    #[serde(skip)]
    pub translation_of: Option<EntryId>,
    /// Author credits, in order.
    pub bylines: Option<Vec<CreditInput>>,
    /// Locale.
    pub locale: Option<String>,
    /// SEO data.
    pub seo: Option<JsonMap>,
    /// Term slugs per taxonomy.
    pub taxonomies: Option<BTreeMap<String, Vec<String>>>,
    /// To count as first published at; needs `content:publish_any`.
    pub published_at: Option<Timestamp>,
    /// To count as made at; needs `content:publish_any`.
    pub created_at: Option<Timestamp>,
}

/// A change of an entry (CMS contract §3.2, PUT); what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContentPatch {
    /// Changed field values; `null` empties a field.
    pub data: Option<JsonMap>,
    /// Another slug; staged with the draft where the collection has revisions.
    pub slug: Option<String>,
    /// Takes the slug away, at once.
    #[serde(skip)]
    pub clear_slug: bool,
    /// Only `draft` is accepted from people, and changes nothing. A plugin's is the step to that status.
    pub status: Option<EntryStatus>,
    /// Another owner; honoured with `content:edit_any` only.
    pub author_id: Option<UserId>,
    /// Replaces the author credits.
    pub bylines: Option<Vec<CreditInput>>,
    /// The state the change is based on; none is a blind write.
    #[serde(rename = "_rev")]
    pub rev: Option<String>,
    /// Autosave: the draft revision that is replaced is not kept.
    pub skip_revision: bool,
    /// Changed SEO data.
    pub seo: Option<JsonMap>,
    /// Replaces the terms of the named taxonomies, by slug.
    pub taxonomies: Option<BTreeMap<String, Vec<String>>>,
    /// Another publication date; needs `content:publish_any`.
    pub published_at: Option<Timestamp>,
}

/// Which entries of a collection are wanted, and in which order.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// Only this status.
    pub status: Option<EntryStatus>,
    /// 1 to 100.
    pub limit: u32,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// `createdAt` (default), `updatedAt`, `publishedAt`, `scheduledAt`, `deletedAt`, `slug`, `status`, `locale`,
    /// `title`, `name` or an indexed field.
    pub order_by: Option<String>,
    /// Smallest first.
    pub ascending: bool,
    /// Only this locale.
    pub locale: Option<String>,
    /// Only entries with this text in title or slug.
    pub text: Option<String>,
    /// Only entries of this owner.
    pub author_id: Option<UserId>,
    /// Only entries credited to this byline.
    pub byline_id: Option<BylineId>,
    /// Only entries in this range.
    pub dates: Option<DateRange>,
    /// Only entries whose indexed fields, by name, fulfil all of these; live values count.
    pub fields: Vec<(String, FieldCondition)>,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            status: None,
            limit: 50,
            cursor: None,
            order_by: None,
            ascending: false,
            locale: None,
            text: None,
            author_id: None,
            byline_id: None,
            dates: None,
            fields: Vec::new(),
        }
    }
}
