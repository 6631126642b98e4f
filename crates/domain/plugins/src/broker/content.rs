//! `ctx.content`, reading (plugin contract §3.4).

use std::sync::Arc;

use emdash_types::{CollectionName, Error, ErrorCode, JsonMap, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

use super::answer::NULL;
use super::arguments::Arguments;
use super::{Broker, storage};
use crate::words::shown;
use crate::{ContentPage, ContentQuery};

/// Page size where none is given, and the largest.
const DEFAULT_LIMIT: f64 = 50.0;
const MAX_LIMIT: f64 = 100.0;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ListOptions {
    limit: Option<f64>,
    cursor: Option<String>,
    order_by: Option<JsonMap>,
    r#where: Option<Where>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Where {
    status: Option<String>,
    locale: Option<String>,
    field_filters: Option<JsonMap>,
}

impl Broker {
    pub(super) fn content_get(
        &self,
        arguments: &Arguments<'_>,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let collection = collection(arguments)?;
        let id = arguments.text(1, "id")?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move {
            match known(site.parts.content.get(&caller, &collection, &id).await)?.flatten() {
                Some(item) => Ok(item.to_string()),
                None => Ok(NULL.to_owned()),
            }
        }
        .boxed())
    }

    pub(super) fn content_list(
        &self,
        arguments: &Arguments<'_>,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let collection = collection(arguments)?;
        let options: ListOptions =
            arguments.optional(1, "options", "an object {limit, cursor, orderBy, where}")?;
        let query = query(options)?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move {
            let page = known(site.parts.content.list(&caller, &collection, &query).await)?;
            let ContentPage { items, cursor } = page.unwrap_or_default();
            Ok(match cursor {
                Some(cursor) => json!({"items": items, "cursor": cursor, "hasMore": true}),
                None => json!({"items": items, "hasMore": false}),
            }
            .to_string())
        }
        .boxed())
    }
}

pub(super) fn collection(arguments: &Arguments<'_>) -> Result<CollectionName> {
    let name = arguments.text(0, "collection")?;
    CollectionName::parse(&name).map_err(|_| {
        Error::new(ErrorCode::ValidationError, format!("Invalid collection name: {}", shown(&name)))
    })
}

/// An unknown collection is an empty one to a plugin.
pub(super) fn known<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(error) if error.code() == ErrorCode::CollectionNotFound => Ok(None),
        other => other.map(Some),
    }
}

fn query(options: ListOptions) -> Result<ContentQuery> {
    let Where { status, locale, field_filters } = options.r#where.unwrap_or_default();
    let limit = options.limit.unwrap_or(DEFAULT_LIMIT).clamp(1.0, MAX_LIMIT);
    let order = options.order_by.unwrap_or_default();
    Ok(ContentQuery {
        // Clamped above.
        limit: limit as u32,
        cursor: options.cursor,
        status,
        locale,
        fields: storage::filter(field_filters.unwrap_or_default())?,
        order: order.iter().next().map(storage::direction).transpose()?,
    })
}
