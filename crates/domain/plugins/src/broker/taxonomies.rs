//! `ctx.taxonomies` (plugin contract §3.5).

use std::sync::Arc;

use emdash_types::Result;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use super::Broker;
use super::arguments::Arguments;
use super::content::{collection, known};

type Answer = BoxFuture<'static, Result<String>>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    taxonomy: Option<String>,
    locale: Option<String>,
}

impl Broker {
    pub(super) fn taxonomies_all(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let Options { locale, .. } = options(arguments, 0)?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move {
            let found = site.parts.content.taxonomies(&caller, locale.as_deref()).await?;
            Ok(Value::Array(found).to_string())
        }
        .boxed())
    }

    pub(super) fn taxonomies_terms(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let taxonomy = arguments.text(0, "taxonomy")?;
        let Options { locale, .. } = options(arguments, 1)?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move {
            let found = site.parts.content.terms(&caller, &taxonomy, locale.as_deref()).await?;
            Ok(Value::Array(found).to_string())
        }
        .boxed())
    }

    pub(super) fn taxonomies_entry_terms(&self, arguments: &Arguments<'_>) -> Result<Answer> {
        let collection = collection(arguments)?;
        let id = arguments.text(1, "entryId")?;
        let Options { taxonomy, locale } = options(arguments, 2)?;
        let (site, caller) = (Arc::clone(&self.site), self.caller.clone());
        Ok(async move {
            let content = &site.parts.content;
            let (taxonomy, locale) = (taxonomy.as_deref(), locale.as_deref());
            let found = known(content.entry_terms(&caller, &collection, &id, taxonomy, locale).await)?;
            Ok(Value::Array(found.unwrap_or_default()).to_string())
        }
        .boxed())
    }
}

fn options(arguments: &Arguments<'_>, position: usize) -> Result<Options> {
    arguments.optional(position, "options", "an object {taxonomy, locale}")
}
