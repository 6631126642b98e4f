//! `plugins::ContentAccess` over the content service (plugin contract §3.4).

use std::sync::Arc;

use async_trait::async_trait;
use emdash_content::{ContentItem, ContentService, ListQuery, Target};
use emdash_plugins::{ContentAccess, ContentPage, ContentQuery};
use emdash_ports::plugin_data::Direction;
use emdash_store::content::EntryStatus;
use emdash_types::{Caller, CollectionName, Cursor, Error, ErrorCode, PluginId, Result};
use serde_json::Value;

pub(crate) struct PluginContent(pub(crate) Arc<ContentService>);

/// What plugins see of an item.
const MEMBERS: [&str; 12] = [
    "id",
    "type",
    "slug",
    "status",
    "locale",
    "data",
    "liveData",
    "seo",
    "createdAt",
    "updatedAt",
    "publishedAt",
    "scheduledAt",
];

#[async_trait]
impl ContentAccess for PluginContent {
    async fn get(&self, plugin: &PluginId, collection: &CollectionName, id: &str) -> Result<Option<Value>> {
        let caller = Caller::Plugin(plugin.clone());
        match self.0.get(&caller, Target::new(collection.as_str(), id)).await {
            // Plugins name entries by id only.
            Ok(found) if found.item.id.as_str() == id => shown(&found.item).map(Some),
            Ok(_) => Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(
        &self,
        plugin: &PluginId,
        collection: &CollectionName,
        query: &ContentQuery,
    ) -> Result<ContentPage> {
        let caller = Caller::Plugin(plugin.clone());
        let (order_by, ascending) = match &query.order {
            Some((field, direction)) => (Some(field.clone()), *direction == Direction::Ascending),
            None => (None, false),
        };
        let wanted = ListQuery {
            status: query.status.as_deref().map(status).transpose()?,
            limit: query.limit,
            cursor: query.cursor.as_deref().map(Cursor::decode).transpose()?,
            order_by,
            ascending,
            locale: query.locale.clone(),
            ..ListQuery::default()
        };
        let page = self.0.list(&caller, collection.as_str(), &wanted).await?;
        let items = page.items.iter().map(shown).collect::<Result<_>>()?;
        Ok(ContentPage { items, cursor: page.next_cursor })
    }
}

fn status(text: &str) -> Result<EntryStatus> {
    EntryStatus::parse(text)
        .ok_or_else(|| Error::field("where.status", format!("\"{text}\" is not a status")))
}

fn shown(item: &ContentItem) -> Result<Value> {
    let mut value = serde_json::to_value(item).map_err(Error::internal)?;
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| MEMBERS.contains(&name.as_str()));
    }
    Ok(value)
}
