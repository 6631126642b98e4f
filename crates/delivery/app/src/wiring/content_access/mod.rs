//! `plugins::ContentAccess` over the content service (plugin contract §3.4).

mod values;

use std::sync::Arc;

use async_trait::async_trait;
use emdash_content::{ContentItem, ContentService, ListQuery, Target};
use emdash_plugins::{ContentAccess, ContentCreation, ContentPage, ContentQuery};
use emdash_ports::plugin_data::Direction;
use emdash_store::content::EntryStatus;
use emdash_types::{Caller, CollectionName, Cursor, Error, ErrorCode, JsonMap, PluginCaller, Result};
use serde_json::Value;

use values::{creation, patch};

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
    async fn get(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        id: &str,
    ) -> Result<Option<Value>> {
        let caller = Caller::Plugin(caller.clone());
        match self.0.get(&caller, Target::new(collection.as_str(), id)).await {
            Ok(found) => shown(&found.item).map(Some),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        query: &ContentQuery,
    ) -> Result<ContentPage> {
        let caller = Caller::Plugin(caller.clone());
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

    async fn create(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        entries: Vec<ContentCreation>,
    ) -> Result<Vec<Value>> {
        let caller = Caller::Plugin(caller.clone());
        let target = self.0.collection(collection.as_str()).await?;
        let new = entries.into_iter().map(|entry| creation(&target, entry)).collect::<Result<_>>()?;
        let created = self.0.create_many(&caller, collection.as_str(), new).await?;
        created.iter().map(|created| shown(&created.item)).collect()
    }

    async fn update(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        changes: Vec<(String, JsonMap)>,
    ) -> Result<Vec<Value>> {
        let caller = Caller::Plugin(caller.clone());
        let target = self.0.collection(collection.as_str()).await?;
        let mut patches = Vec::with_capacity(changes.len());
        for (id, data) in &changes {
            patches.push((Target::new(collection.as_str(), id), patch(&target, data.clone())?));
        }
        let updated = self.0.update_many(&caller, collection.as_str(), patches).await;
        let updated = updated.map_err(|error| match error.code() {
            ErrorCode::NotFound => Error::new(ErrorCode::NotFound, "Content not found"),
            _ => error,
        })?;
        updated.iter().map(|updated| shown(&updated.item)).collect()
    }

    async fn delete(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        ids: &[String],
    ) -> Result<usize> {
        let caller = Caller::Plugin(caller.clone());
        let targets: Vec<_> = ids.iter().map(|id| Target::new(collection.as_str(), id)).collect();
        Ok(self.0.delete_many(&caller, collection.as_str(), &targets).await?.len())
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
