//! `ctx.users` (plugin contract §3.9).

use std::sync::Arc;

use emdash_types::{Error, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

use super::Broker;
use super::arguments::Arguments;
use crate::RouteUser;

/// Page size where none is given, and the largest.
const DEFAULT_LIMIT: f64 = 50.0;
const MAX_LIMIT: f64 = 100.0;

type Answer = BoxFuture<'static, Result<String>>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListOptions {
    role: Option<i64>,
    limit: Option<f64>,
    cursor: Option<String>,
}

impl Broker {
    pub(super) fn users_get(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let id = arguments.text(0, "id")?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move { answer(site.parts.users.get(&caller, &id).await?) }.boxed())
    }

    pub(super) fn users_by_email(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let email = arguments.text(0, "email")?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move { answer(site.parts.users.by_email(&caller, &email).await?) }.boxed())
    }

    pub(super) fn users_list(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let options: ListOptions = arguments.optional(0, "options", "an object {role, limit, cursor}")?;
        // Clamped before the cast.
        let limit = options.limit.unwrap_or(DEFAULT_LIMIT).clamp(1.0, MAX_LIMIT) as u32;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move {
            let page = site.parts.users.list(&caller, options.role, limit, options.cursor.as_deref()).await?;
            Ok(match page.next_cursor {
                Some(cursor) => json!({"items": page.items, "nextCursor": cursor}),
                None => json!({"items": page.items}),
            }
            .to_string())
        }
        .boxed())
    }
}

fn answer(user: Option<RouteUser>) -> Result<String> {
    serde_json::to_string(&user).map_err(Error::internal)
}
