//! `GET /schema/collections`.

use axum::extract::State;
use emdash_store::content::{Collection, Field, FieldKind};
use emdash_types::Timestamp;
use serde::Serialize;

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
pub struct Answer {
    items: Vec<CollectionItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CollectionItem {
    id: String,
    slug: String,
    label: String,
    label_singular: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    supports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_pattern: Option<String>,
    has_seo: bool,
    routable: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    fields: Vec<FieldItem>,
}

#[derive(Serialize)]
struct FieldItem {
    slug: String,
    label: String,
    #[serde(rename = "type")]
    kind: FieldKind,
    required: bool,
    unique: bool,
    searchable: bool,
    indexed: bool,
}

impl From<&Field> for FieldItem {
    fn from(field: &Field) -> Self {
        Self {
            slug: field.slug.to_string(),
            label: field.label.clone(),
            kind: field.kind,
            required: field.required,
            unique: field.unique,
            searchable: field.searchable,
            indexed: field.indexed,
        }
    }
}

impl From<&Collection> for CollectionItem {
    fn from(collection: &Collection) -> Self {
        Self {
            id: collection.id.clone(),
            slug: collection.name.to_string(),
            label: collection.label.clone(),
            label_singular: collection.label_singular.clone(),
            description: collection.description.clone(),
            supports: collection.supports.clone(),
            url_pattern: collection.url_pattern.clone(),
            has_seo: collection.has_seo,
            routable: collection.routable,
            created_at: collection.created_at,
            updated_at: collection.updated_at,
            fields: collection.fields.iter().map(FieldItem::from).collect(),
        }
    }
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Done<Answer>, Failure> {
    let collections = state.content.collections(&caller).await?;
    Ok(Done(Answer {
        items: collections.iter().map(|collection| CollectionItem::from(collection.as_ref())).collect(),
    }))
}
