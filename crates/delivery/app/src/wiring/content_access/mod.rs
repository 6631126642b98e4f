//! `plugins::ContentAccess` over the content service (plugin contract §3.4).

mod terms;
mod values;

use std::sync::Arc;

use async_trait::async_trait;
use emdash_content::{ContentItem, ContentService, ListQuery, Target};
use emdash_plugins::{ContentAccess, ContentCreation, ContentPage, ContentQuery};
use emdash_ports::plugin_data::{Condition, Direction, Scalar};
use emdash_store::content::{EntryStatus, FieldCondition};
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
        let status = match query.status.as_deref().map(EntryStatus::parse) {
            // No entry has a status there is not.
            Some(None) => return Ok(ContentPage::default()),
            status => status.flatten(),
        };
        let wanted = ListQuery {
            status,
            limit: query.limit,
            cursor: query.cursor.as_deref().map(Cursor::decode).transpose()?,
            order_by,
            ascending,
            locale: query.locale.clone(),
            fields: query.fields.iter().cloned().map(|(name, wanted)| (name, condition(wanted))).collect(),
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

    async fn taxonomies(&self, caller: &PluginCaller, locale: Option<&str>) -> Result<Vec<Value>> {
        let all = self.0.taxonomies(&Caller::Plugin(caller.clone())).await?;
        let wanted = all.iter().filter(|taxonomy| locale.is_none_or(|locale| taxonomy.locale == locale));
        Ok(wanted.map(terms::taxonomy).collect())
    }

    async fn terms(&self, caller: &PluginCaller, taxonomy: &str, locale: Option<&str>) -> Result<Vec<Value>> {
        let found = self.0.term_translations(&Caller::Plugin(caller.clone()), taxonomy, locale).await?;
        Ok(found.iter().map(terms::term).collect())
    }

    async fn entry_terms(
        &self,
        caller: &PluginCaller,
        collection: &CollectionName,
        id: &str,
        taxonomy: Option<&str>,
        locale: Option<&str>,
    ) -> Result<Vec<Value>> {
        let (caller, target) = (Caller::Plugin(caller.clone()), Target::new(collection.as_str(), id));
        let found = self.0.entry_term_translations(&caller, target, taxonomy, locale).await?;
        Ok(found.iter().map(terms::term).collect())
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

fn condition(wanted: Condition) -> FieldCondition {
    match wanted {
        Condition::Equals(Scalar::Null) => FieldCondition::Missing,
        Condition::Equals(value) => FieldCondition::In(vec![scalar(value)]),
        Condition::In(values) => FieldCondition::In(values.into_iter().map(scalar).collect()),
        Condition::Range { gt, gte, lt, lte } => FieldCondition::Range {
            gt: gt.map(scalar),
            gte: gte.map(scalar),
            lt: lt.map(scalar),
            lte: lte.map(scalar),
        },
        Condition::StartsWith(prefix) => FieldCondition::Prefix(prefix),
    }
}

fn scalar(value: Scalar) -> Value {
    match value {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::from(value),
        Scalar::Number(value) => Value::from(value),
        Scalar::Text(value) => Value::from(value),
    }
}

fn shown(item: &ContentItem) -> Result<Value> {
    let mut value = serde_json::to_value(item).map_err(Error::internal)?;
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| MEMBERS.contains(&name.as_str()));
    }
    Ok(value)
}
