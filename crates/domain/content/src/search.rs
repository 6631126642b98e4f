//! What the search index knows of an entry: the searchable fields of published ones.

use emdash_document::{PortableText, render};
use emdash_store::content::{Collection, Entry, EntryStatus, Field, FieldKind, SearchDocument};
use serde_json::Value;

use crate::fields;

/// The document of an entry; `None` where it does not belong into the index.
pub(crate) fn document(collection: &Collection, entry: &Entry) -> Option<SearchDocument> {
    let public = entry.status == EntryStatus::Published && entry.deleted_at.is_none();
    let searchable: Vec<&Field> = collection.fields.iter().filter(|field| field.searchable).collect();
    if !public || !collection.supports("search") || searchable.is_empty() {
        return None;
    }
    let body: Vec<String> = searchable
        .into_iter()
        .filter(|field| !["title", "name"].contains(&field.slug.as_str()))
        .filter_map(|field| words(field.kind, entry.data.get(field.slug.as_str())?))
        .collect();
    Some(SearchDocument {
        collection: collection.name.clone(),
        entry_id: entry.id.clone(),
        locale: entry.locale.clone(),
        title: fields::title(&entry.data).unwrap_or_default().to_owned(),
        body: body.join("\n"),
    })
}

fn words(kind: FieldKind, value: &Value) -> Option<String> {
    match kind {
        FieldKind::PortableText => {
            // Stored values passed validation; one that no longer does is simply not found.
            PortableText::parse(value.clone(), "content").ok().map(|text| render::plain_text(&text))
        }
        FieldKind::Number | FieldKind::Integer => Some(value.to_string()),
        FieldKind::String | FieldKind::Text | FieldKind::Slug | FieldKind::Url | FieldKind::Select => {
            value.as_str().map(str::to_owned)
        }
        FieldKind::MultiSelect => {
            let members = value.as_array()?.iter().filter_map(Value::as_str);
            Some(members.collect::<Vec<_>>().join(" "))
        }
        _ => None,
    }
}
