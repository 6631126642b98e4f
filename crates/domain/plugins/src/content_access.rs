//! What plugins read of the site's content; the application wires it to the content domain.

use async_trait::async_trait;
use emdash_ports::plugin_data::Direction;
use emdash_types::{CollectionName, PluginId, Result};
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

/// Content, as `ctx.content` shows it. The broker has checked the grant.
///
/// An item is `{id, type, slug, status, locale, data, seo?, createdAt, updatedAt, publishedAt, scheduledAt}`,
/// `data` with typed values.
#[async_trait]
pub trait ContentAccess: Send + Sync {
    /// An item by id; never a trashed one.
    async fn get(&self, plugin: &PluginId, collection: &CollectionName, id: &str) -> Result<Option<Value>>;

    /// A page of items.
    async fn list(
        &self,
        plugin: &PluginId,
        collection: &CollectionName,
        query: &ContentQuery,
    ) -> Result<ContentPage>;
}
