//! `plugins::SiteInfo` over the site's settings (plugin contract §3.13).

use std::sync::Arc;

use async_trait::async_trait;
use emdash_content::Generation;
use emdash_plugins::{SiteFacts, SiteInfo};
use emdash_store::SiteStore;
use emdash_types::Result;
use parking_lot::Mutex;
use serde_json::Value;

/// Option with the address of the site.
pub(crate) const URL_OPTION: &str = "emdash:site_url";

/// The settings, read again whenever content or settings may have changed.
pub(crate) struct SiteSettings {
    store: Arc<dyn SiteStore>,
    generation: Generation,
    fallback_url: String,
    known: Mutex<Option<(u64, SiteFacts)>>,
}

impl SiteSettings {
    /// `fallback_url` is where the site is reached as long as no setting says.
    pub(crate) fn new(store: Arc<dyn SiteStore>, generation: Generation, fallback_url: String) -> Self {
        Self { store, generation, fallback_url, known: Mutex::default() }
    }

    async fn read(&self) -> Result<SiteFacts> {
        let mut transaction = self.store.read().await?;
        let name = transaction.option_lookup("site:title").await?;
        let url = transaction.option_lookup(URL_OPTION).await?;
        let text = |value: Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
        Ok(SiteFacts {
            name: text(name).unwrap_or_default(),
            url: text(url).filter(|url| !url.is_empty()).unwrap_or_else(|| self.fallback_url.clone()),
            locale: emdash_content::DEFAULT_LOCALE.to_owned(),
            // Public pages answer a trailing slash with a redirect to the address without.
            trailing_slash: "never",
        })
    }
}

#[async_trait]
impl SiteInfo for SiteSettings {
    async fn facts(&self) -> Result<SiteFacts> {
        let generation = self.generation.current();
        if let Some((of, facts)) = &*self.known.lock()
            && *of == generation
        {
            return Ok(facts.clone());
        }
        let facts = self.read().await?;
        *self.known.lock() = Some((generation, facts.clone()));
        Ok(facts)
    }
}
