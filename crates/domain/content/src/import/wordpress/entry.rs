//! A post or page of the export as an entry of this site.

use emdash_document::gutenberg::{Context, convert};
use emdash_document::render::{excerpt, raw_text};
use emdash_document::wxr::Item;
use emdash_store::content::{Entry, EntryStatus, Seo};
use emdash_types::{BylineId, CollectionName, Error, JsonMap, Result, TermId, Timestamp};
use serde_json::Value;
use url::Url;

use super::identity::{Identity, Kind, external_id, traits_of};
use super::library::Library;
use super::notes::{converted, shortened};
use super::people::Bylines;
use super::plan::{Place, Plan};
use super::survey::login;
use super::terms::Terms;
use super::{Run, notes, seo};
use crate::DEFAULT_LOCALE;
use crate::import::report::{Effect, ImportNote, ItemReport, Outcome};
use crate::validate::{Extent, validate};

/// Words of the content that stand in for a missing title.
const TITLE_WORDS: usize = 8;

/// What entries refer to.
pub(super) struct Surroundings {
    pub plan: Plan,
    pub library: Library,
    pub bylines: Bylines,
    pub terms: Terms,
    pub galleries: std::collections::HashMap<u64, Vec<u64>>,
}

/// Everything that is stored for one entry.
pub(super) struct Prepared {
    pub entry: Entry,
    pub collection: std::sync::Arc<emdash_store::content::Collection>,
    pub credit: Option<BylineId>,
    pub terms: Vec<(CollectionName, Vec<TermId>)>,
    pub seo: Option<Seo>,
    pub identity: Identity,
    pub report: ItemReport,
}

impl Run<'_> {
    /// The identity of an entry to be.
    pub(super) fn entry_identity(&self, item: &Item) -> Identity {
        let traits = traits_of(item);
        let traits: Vec<&str> = traits.iter().map(String::as_str).collect();
        self.memory.identify(Kind::Entry, &external_id(item), item.published(), &traits)
    }

    /// Converts an item. Pure: nothing is stored.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where what came out does not fit the collection.
    pub(super) fn prepare(&self, item: &Item, place: &Place, around: &Surroundings) -> Result<Prepared> {
        let mut report = notes::report(item, Outcome::Imported);
        report.path = Some(place.path());
        report.id = Some(place.id.to_string());
        report.notes = notes::common(item);
        if let Some(wanted) = &place.wanted {
            report.notes.push(ImportNote::changed("slug", format!("{wanted} → {}", place.slug)));
        }
        let data = fields(item, place, around, &mut report.notes)?;
        let life = life(item, self.now, &mut report.notes);
        let credit = around.bylines.get(login(&item.creator)).cloned();
        let created_at = item.published().unwrap_or(self.now);
        let entry = Entry {
            id: place.id.clone(),
            collection: place.collection.name.clone(),
            slug: Some(place.slug.clone()),
            status: life.status,
            author_id: None,
            primary_byline_id: credit.clone(),
            created_at,
            updated_at: item.modified().unwrap_or(created_at),
            published_at: life.published_at,
            scheduled_at: life.scheduled_at,
            deleted_at: None,
            version: 1,
            live_revision_id: None,
            draft_revision_id: None,
            locale: DEFAULT_LOCALE.to_owned(),
            translation_group: place.id.to_string(),
            data,
        };
        let terms = terms(item, place, &around.terms, &mut report.notes);
        let seo = seo::of(item, &mut report.notes);
        let image = item.meta("_thumbnail_id").is_some();
        for entry in &item.meta {
            if !(seo::reads(&entry.key) || (image && entry.key == "_thumbnail_id")) {
                report.notes.push(notes::meta(entry));
            }
        }
        Ok(Prepared {
            entry,
            collection: std::sync::Arc::clone(&place.collection),
            credit,
            terms,
            seo,
            identity: self.entry_identity(item),
            report,
        })
    }
}

fn fields(item: &Item, place: &Place, around: &Surroundings, notes: &mut Vec<ImportNote>) -> Result<JsonMap> {
    let base_url = Url::parse(&item.link).ok();
    let rewrite = |href: &str| around.plan.rewrite(href);
    let gallery = item.id.and_then(|id| around.galleries.get(&id)).map(Vec::as_slice).unwrap_or_default();
    let context = Context {
        base_url: base_url.as_ref(),
        attachments: Some(&around.library.attachments),
        gallery,
        rewrite_link: Some(&rewrite),
    };
    let conversion = convert(&item.content, &context);
    notes.extend(conversion.report.into_iter().map(converted));
    let mut title = raw_text(&item.title);
    if item.title.contains('<') {
        notes.push(ImportNote::new(Effect::Simplified, "title with markup", item.title.as_str()));
    }
    if title.is_empty() {
        let words = excerpt(&conversion.document, TITLE_WORDS);
        title = if words.is_empty() { "Untitled".to_owned() } else { words };
        notes.push(ImportNote::changed("empty title", title.as_str()));
    }
    let mut data = JsonMap::new();
    data.insert("title".to_owned(), Value::from(title));
    data.insert("content".to_owned(), conversion.document.into_value());
    let summary = raw_text(&item.excerpt);
    if !summary.is_empty() {
        data.insert("excerpt".to_owned(), Value::from(summary));
    }
    if let Some(image) = featured_image(item, &around.library, notes) {
        data.insert("featured_image".to_owned(), image);
    }
    if item.menu_order != 0 {
        data.insert("menu_order".to_owned(), Value::from(item.menu_order));
    }
    if let Some(parent) = item.parent.filter(|parent| *parent != 0) {
        match around.plan.place_of(parent).filter(|parent| parent.collection.name == place.collection.name) {
            Some(parent) => drop(data.insert("parent".to_owned(), Value::from(parent.id.as_str()))),
            None => notes.push(ImportNote::dropped("parent", format!("item {parent} is not imported"))),
        }
    }
    fit(data, place, notes)
}

/// Leaves out fields the collection does not have, and checks the others.
fn fit(mut data: JsonMap, place: &Place, notes: &mut Vec<ImportNote>) -> Result<JsonMap> {
    data.retain(|name, value| {
        let known = place.collection.field(name).is_some();
        if !known {
            let what = format!("field {name}");
            notes.push(ImportNote::dropped(
                what,
                shortened(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            ));
        }
        known
    });
    // References point at entries of this run, which may be stored after this one.
    validate(&place.collection, &mut data, Extent::Full)?;
    Ok(data)
}

fn featured_image(item: &Item, library: &Library, notes: &mut Vec<ImportNote>) -> Option<Value> {
    let given = item.meta("_thumbnail_id").map(str::trim).filter(|id| !id.is_empty())?;
    let image = given.parse().ok().and_then(|id| library.image(id)).cloned();
    if image.is_none() {
        notes.push(ImportNote::dropped(
            "featured image",
            format!("attachment {given} is no image of the export"),
        ));
    }
    image
}

/// Status and dates of an entry.
struct Life {
    status: EntryStatus,
    published_at: Option<Timestamp>,
    scheduled_at: Option<Timestamp>,
}

fn life(item: &Item, now: Timestamp, notes: &mut Vec<ImportNote>) -> Life {
    let draft = Life { status: EntryStatus::Draft, published_at: None, scheduled_at: None };
    let date = item.published();
    if !item.password.is_empty() {
        notes.push(ImportNote::changed("password", "a password protected it; it is a draft now"));
        return draft;
    }
    match item.status.as_str() {
        "publish" => Life {
            status: EntryStatus::Published,
            published_at: Some(date.unwrap_or(now)),
            scheduled_at: None,
        },
        "future" => match date {
            Some(at) if at > now => {
                Life { status: EntryStatus::Scheduled, published_at: None, scheduled_at: Some(at) }
            }
            Some(at) => {
                notes.push(ImportNote::changed("status future", "its date has come; it is published"));
                Life { status: EntryStatus::Published, published_at: Some(at), scheduled_at: None }
            }
            None => {
                notes.push(ImportNote::changed("status future", "it has no date; it is a draft now"));
                draft
            }
        },
        "draft" => draft,
        other => {
            notes.push(ImportNote::changed(format!("status {other}"), "it is a draft now"));
            draft
        }
    }
}

fn terms(
    item: &Item,
    place: &Place,
    known: &Terms,
    notes: &mut Vec<ImportNote>,
) -> Vec<(CollectionName, Vec<TermId>)> {
    let mut assigned: Vec<(CollectionName, Vec<TermId>)> = Vec::new();
    for term in &item.terms {
        let found = known.find(&term.domain, &term.slug);
        match found.filter(|(taxonomy, _)| known.applies(taxonomy, &place.collection.name)) {
            Some((taxonomy, id)) => match assigned.iter_mut().find(|(name, _)| name == taxonomy) {
                Some((_, ids)) if ids.contains(id) => {}
                Some((_, ids)) => ids.push(id.clone()),
                None => assigned.push((taxonomy.clone(), vec![id.clone()])),
            },
            None if term.domain == "post_format" => {
                notes.push(ImportNote::dropped("post format", term.slug.trim_start_matches("post-format-")));
            }
            None => notes.push(ImportNote::dropped(
                format!("term of {}", term.domain),
                format!("{} does not apply to {}", term.name, place.collection.name),
            )),
        }
    }
    assigned
}

/// The report of an item that could not be stored.
pub(super) fn failed(item: &Item, error: &Error) -> ItemReport {
    let mut report = notes::report(item, Outcome::Failed);
    report.notes.push(ImportNote::dropped(item.post_type.as_str(), error.message()));
    report
}
