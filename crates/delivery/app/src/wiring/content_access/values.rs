//! What plugins hand in as an entry: one object with the field values and, beside them, what is not a field
//! (plugin contract §3.4).

use emdash_content::{ContentPatch, NewContent};
use emdash_plugins::ContentCreation;
use emdash_store::content::{Collection, EntryStatus, SYSTEM_COLUMNS};
use emdash_types::{CollectionName, EntryId, Error, ErrorCode, JsonMap, Result, UserId};
use serde_json::Value;

/// A plugin's object, taken apart.
#[derive(Default)]
struct Values {
    fields: JsonMap,
    /// `Some(None)` where it is to have none.
    slug: Option<Option<String>>,
    status: Option<EntryStatus>,
    author_id: Option<UserId>,
    seo: Option<JsonMap>,
}

pub(super) fn creation(collection: &Collection, entry: ContentCreation) -> Result<NewContent> {
    let mut data = entry.data;
    // A new entry drops what cannot be a field; a change refuses it.
    data.retain(|name, _| CollectionName::parse(name).is_ok());
    let values = values(collection, data)?;
    Ok(NewContent {
        data: values.fields,
        slug: values.slug.flatten(),
        status: values.status,
        author_id: values.author_id,
        seo: values.seo,
        locale: entry.locale,
        translation_of: entry.translation_of.map(EntryId::from),
        ..NewContent::default()
    })
}

pub(super) fn patch(collection: &Collection, data: JsonMap) -> Result<ContentPatch> {
    let values = values(collection, data)?;
    Ok(ContentPatch {
        data: Some(values.fields).filter(|fields| !fields.is_empty()),
        clear_slug: values.slug == Some(None),
        slug: values.slug.flatten(),
        status: values.status,
        author_id: values.author_id,
        seo: values.seo,
        ..ContentPatch::default()
    })
}

fn values(collection: &Collection, data: JsonMap) -> Result<Values> {
    let mut values = Values::default();
    for (name, value) in data {
        match (name.as_str(), value) {
            (known, value) if collection.field(known).is_some() => {
                values.fields.insert(name, value);
            }
            ("slug", Value::Null) => values.slug = Some(None),
            ("slug", Value::String(slug)) => values.slug = Some(Some(slug)),
            ("slug", _) => return Err(Error::field("slug", "expected a string or null")),
            ("status" | "author_id" | "seo", Value::Null) => {}
            ("status", value) => values.status = Some(status(&value)?),
            ("author_id", Value::String(id)) => values.author_id = Some(UserId::from(id)),
            ("author_id", _) => return Err(Error::field("author_id", "expected the id of a user")),
            ("seo", Value::Object(seo)) => values.seo = Some(seo).filter(|seo| !seo.is_empty()),
            ("seo", _) => return Err(Error::field("seo", "expected an object")),
            // The site keeps these itself.
            (system, _) if SYSTEM_COLUMNS.contains(&system) => {}
            (unknown, _) => {
                let shown: String = unknown.chars().take(80).collect();
                let message = format!("Unknown field '{shown}' in collection '{}'", collection.name);
                return Err(Error::new(ErrorCode::ValidationError, message));
            }
        }
    }
    Ok(values)
}

fn status(value: &Value) -> Result<EntryStatus> {
    let status = value.as_str().and_then(EntryStatus::parse);
    status.ok_or_else(|| Error::field("status", format!("{value} is not a status")))
}
