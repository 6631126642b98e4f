//! What plugins do with the site's content; the application wires it to the content domain.

use async_trait::async_trait;
use emdash_ports::plugin_data::{Direction, Filter};
use emdash_types::{CollectionName, JsonMap, PluginCaller, Result};
use serde_json::Value;

/// Which entries `ctx.content.list` is asked for (plugin contract §3.4).
#[derive(Clone, Debug, PartialEq)]
pub struct ContentQuery {
    /// How many, 1 to 100.
    pub limit: u32,
    /// Where to go on.
    pub cursor: Option<String>,
    /// Only this status.
    pub status: Option<String>,
    /// Only this locale.
    pub locale: Option<String>,
    /// Conditions on indexed fields.
    pub fields: Filter,
    /// The sort field; `None` for the newest id first.
    pub order: Option<(String, Direction)>,
}

/// One page of content items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContentPage {
    /// The items, each in the shape of plugin contract §3.4.
    pub items: Vec<Value>,
    /// Where the next page begins; `None` on the last one.
    pub cursor: Option<String>,
}

/// A new entry, as `ctx.content.create` is given it (plugin contract §3.4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContentCreation {
    /// Field values, and beside them `slug`, `status`, `author_id` and `seo`.
    pub data: JsonMap,
    /// Locale; the site's without.
    pub locale: Option<String>,
    /// Id of the entry it translates.
    pub translation_of: Option<String>,
}

/// Content, as `ctx.content` shows it. The broker has checked the grant; whatever is written is validated, runs the
/// hooks of other plugins, and is on record as the plugin's (ruling 1).
///
/// An item is `{id, type, slug, status, locale, data, seo?, createdAt, updatedAt, publishedAt, scheduledAt}`,
/// `data` with typed values.
#[async_trait]
pub trait ContentAccess: Send + Sync {
    /// An item by id; never a trashed one.
    async fn get(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        id: &str,
    ) -> Result<Option<Value>>;

    /// A page of items.
    async fn list(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        query: &ContentQuery,
    ) -> Result<ContentPage>;

    /// Stores new entries, all or none; answers them as items.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, `SAVE_REJECTED`, `SLUG_CONFLICT`; `NOT_FOUND` and `CONFLICT` for a translation.
    async fn create(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        entries: Vec<ContentCreation>,
    ) -> Result<Vec<Value>>;

    /// Changes entries, all or none, each by id; answers them as items with what is staged.
    ///
    /// # Errors
    /// `NOT_FOUND` with the message `Content not found`, and as for [`ContentAccess::create`].
    async fn update(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        changes: Vec<(String, JsonMap)>,
    ) -> Result<Vec<Value>>;

    /// The taxonomies, by name, in one locale or in all: `{name, label, labelSingular, hierarchical, collections,
    /// locale}` (plugin contract §3.5).
    async fn taxonomies(&self, caller: &PluginCaller, locale: Option<&str>) -> Result<Vec<Value>>;

    /// The terms of a taxonomy: `{id, taxonomy, slug, label, parentId, data, locale, translationGroup}`.
    async fn terms(&self, caller: &PluginCaller, taxonomy: &str, locale: Option<&str>) -> Result<Vec<Value>>;

    /// The terms of an entry, of one taxonomy or of all.
    async fn entry_terms(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        id: &str,
        taxonomy: Option<&str>,
        locale: Option<&str>,
    ) -> Result<Vec<Value>>;

    /// Puts entries into the trash, all or none; answers how many there were.
    ///
    /// # Errors
    /// `DELETE_BLOCKED`.
    async fn delete(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        ids: &[String],
    ) -> Result<usize>;
}
