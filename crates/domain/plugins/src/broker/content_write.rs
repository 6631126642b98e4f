//! `ctx.content`, writing (plugin contract §3.4, §3.17).

use std::sync::Arc;

use emdash_types::{Error, ErrorCode, JsonMap, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use super::Broker;
use super::arguments::Arguments;
use super::content::collection;
use crate::ContentCreation;

/// Most entries one call may write.
const BATCH: usize = 100;
/// Most plugins whose writes may have led to a write, one through the hooks of the other.
const DEPTH: usize = 3;

type Answer = BoxFuture<'static, Result<String>>;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CreateOptions {
    locale: Option<Value>,
    translation_of: Option<String>,
}

#[derive(Deserialize)]
struct Change {
    id: String,
    data: JsonMap,
}

impl Broker {
    pub(super) fn content_create(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let data = arguments.required(1, "data", "an object")?;
        let options: CreateOptions = arguments.optional(2, "options", "an object {locale, translationOf}")?;
        let locale = options.locale.map(locale).transpose()?;
        let entry = ContentCreation { data, locale, translation_of: options.translation_of };
        let created = self.create(arguments, vec![entry])?;
        Ok(async move { single(created.await?) }.boxed())
    }

    pub(super) fn content_create_many(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let items: Vec<JsonMap> = arguments.required(1, "items", "an array of objects")?;
        check_batch(items.len())?;
        let entries = items.into_iter().map(|data| ContentCreation { data, ..ContentCreation::default() });
        let created = self.create(arguments, entries.collect())?;
        Ok(async move { Ok(Value::Array(created.await?).to_string()) }.boxed())
    }

    pub(super) fn content_update(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let change = (arguments.text(1, "id")?, arguments.required(2, "data", "an object")?);
        let updated = self.update(arguments, vec![change])?;
        Ok(async move { single(updated.await?) }.boxed())
    }

    pub(super) fn content_update_many(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let items: Vec<Change> = arguments.required(1, "items", "an array of {id, data}")?;
        check_batch(items.len())?;
        let changes = items.into_iter().map(|change| (change.id, change.data)).collect();
        let updated = self.update(arguments, changes)?;
        Ok(async move { Ok(Value::Array(updated.await?).to_string()) }.boxed())
    }

    pub(super) fn content_delete(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let deleted = self.delete(arguments, vec![arguments.text(1, "id")?])?;
        Ok(async move { Ok((deleted.await? > 0).to_string()) }.boxed())
    }

    pub(super) fn content_delete_many(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let ids: Vec<String> = arguments.required(1, "ids", "an array of strings")?;
        check_batch(ids.len())?;
        let deleted = self.delete(arguments, ids)?;
        Ok(async move { Ok(deleted.await?.to_string()) }.boxed())
    }

    fn create(
        &self,
        arguments: &Arguments<'_>,
        entries: Vec<ContentCreation>,
    ) -> Result<BoxFuture<'static, Result<Vec<Value>>>> {
        let collection = collection(arguments)?;
        self.check_depth()?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move { site.parts.content.create(&caller, &collection, entries).await }.boxed())
    }

    fn update(
        &self,
        arguments: &Arguments<'_>,
        changes: Vec<(String, JsonMap)>,
    ) -> Result<BoxFuture<'static, Result<Vec<Value>>>> {
        let collection = collection(arguments)?;
        self.check_depth()?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move { site.parts.content.update(&caller, &collection, changes).await }.boxed())
    }

    fn delete(
        &self,
        arguments: &Arguments<'_>,
        ids: Vec<String>,
    ) -> Result<BoxFuture<'static, Result<usize>>> {
        let collection = collection(arguments)?;
        self.check_depth()?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move { site.parts.content.delete(&caller, &collection, &ids).await }.boxed())
    }

    /// A write runs hooks, whose plugins may write in turn; each of them is called once, and not endlessly deep.
    fn check_depth(&self) -> Result<()> {
        let used = self.caller.within.len();
        if used < DEPTH {
            return Ok(());
        }
        let message = format!("Content writes of plugins may lead to one another at most {DEPTH} deep.");
        let details = serde_json::json!({"limit": DEPTH, "used": used + 1});
        Err(Error::new(ErrorCode::HostCallLimit, message).details(details))
    }
}

fn single(items: Vec<Value>) -> Result<String> {
    let item = items.into_iter().next().ok_or_else(|| Error::internal("a write answered no item"))?;
    Ok(item.to_string())
}

fn check_batch(used: usize) -> Result<()> {
    if used <= BATCH {
        return Ok(());
    }
    Err(Error::new(ErrorCode::ValidationError, format!("Batch size {used} exceeds maximum of {BATCH}"))
        .hint("Write fewer entries at a time."))
}

/// Letters, digits and hyphens as in `en` or `pt-BR`.
fn locale(value: Value) -> Result<String> {
    let invalid =
        |shown: &str| Error::new(ErrorCode::ValidationError, format!("Invalid locale code: {shown}"));
    let Value::String(text) = value else { return Err(invalid("expected a string")) };
    let subtag =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let language = text.split('-').next().unwrap_or_default();
    let begins = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    if begins && text.split('-').all(subtag) {
        Ok(text)
    } else {
        Err(invalid(&format!("\"{}\"", crate::words::shown(&text))))
    }
}
