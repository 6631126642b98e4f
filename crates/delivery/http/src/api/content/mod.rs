//! Entries (CMS contract §3.2).

mod collections;
mod compare;
mod create;
mod delete;
mod delete_permanent;
mod discard_draft;
mod duplicate;
mod get;
mod list;
mod publish;
mod restore;
mod revision_get;
mod revision_list;
mod revision_restore;
mod schedule;
mod terms_get;
mod terms_set;
mod trash;
mod unpublish;
mod unschedule;
mod update;

use axum::Router;
use axum::routing::{delete, get, post};
use emdash_content::{ContentItem, Target};
use serde::{Deserialize, Serialize};

use crate::AppState;

pub fn routes() -> Router<AppState> {
    let entry = "/_emdash/api/content/{collection}/{id}";
    let action = |name: &str| format!("{entry}/{name}");
    Router::new()
        .route("/_emdash/api/schema/collections", get(collections::handler))
        .route("/_emdash/api/content/{collection}", get(list::handler).post(create::handler))
        .route("/_emdash/api/content/{collection}/trash", get(trash::handler))
        .route(entry, get(get::handler).put(update::handler).delete(delete::handler))
        .route(&action("restore"), post(restore::handler))
        .route(&action("permanent"), delete(delete_permanent::handler))
        .route(&action("duplicate"), post(duplicate::handler))
        .route(&action("publish"), post(publish::handler))
        .route(&action("unpublish"), post(unpublish::handler))
        .route(&action("schedule"), post(schedule::handler).delete(unschedule::handler))
        .route(&action("discard-draft"), post(discard_draft::handler))
        .route(&action("compare"), get(compare::handler))
        .route(&action("revisions"), get(revision_list::handler))
        .route(&action("terms/{taxonomy}"), get(terms_get::handler).post(terms_set::handler))
        .route("/_emdash/api/revisions/{id}", get(revision_get::handler))
        .route("/_emdash/api/revisions/{id}/restore", post(revision_restore::handler))
}

/// The path of an entry; axum decodes the parts.
#[derive(Deserialize)]
pub struct EntryPath {
    collection: String,
    id: String,
}

/// `?locale=`, which scopes slug look-ups.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LocaleQuery {
    locale: Option<String>,
}

impl EntryPath {
    fn target<'a>(&'a self, query: &'a LocaleQuery) -> Target<'a> {
        Target { collection: &self.collection, id: &self.id, locale: query.locale.as_deref() }
    }
}

/// `{item}`.
#[derive(Serialize)]
pub struct ItemAnswer {
    item: ContentItem,
}

/// `{deleted, id}`.
#[derive(Serialize)]
pub struct DeletedAnswer {
    deleted: bool,
    id: String,
}
