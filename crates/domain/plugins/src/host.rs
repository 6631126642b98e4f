//! The plugin side of one site.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use emdash_manifest::Hook;
use emdash_ports::blobs::Blobs;
use emdash_ports::outbound::GuardedHttp;
use emdash_ports::plugin_data::PluginDataStore;
use emdash_ports::runtime::PluginRuntime;
use emdash_ports::vault::Vault;
use emdash_store::SiteStore;
use emdash_store::plugins::Violation;
use emdash_types::{Ambient, PluginId, Result};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;
use url::Url;

use crate::generation::{Generation, LoadedPlugin};
use crate::recordings::Recordings;
use crate::routes::PublicCalls;
use crate::sight::Meters;
use crate::{ContentAccess, UserDirectory};

/// What plugins are told of the site: `ctx.site` (plugin contract §3.13).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteFacts {
    /// Title.
    pub name: String,
    /// Public address.
    pub url: String,
    /// Default locale.
    pub locale: String,
    /// How public addresses end: `always`, `never` or `ignore` a slash.
    pub trailing_slash: &'static str,
}

/// The site's settings, as they are now.
#[async_trait]
pub trait SiteInfo: Send + Sync {
    /// What plugins are told of the site; asked before every call, so it must be cheap.
    async fn facts(&self) -> Result<SiteFacts>;
}

/// What a plugin host is made of.
pub struct PluginHostParts {
    /// The sandbox.
    pub runtime: Arc<dyn PluginRuntime>,
    /// The site's database.
    pub store: Arc<dyn SiteStore>,
    /// The plugins' own data.
    pub data: Arc<dyn PluginDataStore>,
    /// Where the plugins' secrets are sealed.
    pub vault: Arc<dyn Vault>,
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
    /// Users, for `ctx.users`.
    pub users: Arc<dyn UserDirectory>,
    /// What plugins are told of the site.
    pub site: Arc<dyn SiteInfo>,
    /// Whether bundles in the making may be loaded (C35).
    pub development: bool,
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

/// What every plugin call of the site shares.
pub(crate) struct Site {
    pub(crate) parts: PluginHostParts,
    generation: RwLock<Arc<Generation>>,
    meters: Mutex<HashMap<PluginId, Arc<Meters>>>,
    /// Calls of public routes in this minute.
    pub(crate) public_calls: PublicCalls,
    /// Refusals that are not in the database yet.
    pub(crate) unwritten: Mutex<Vec<Violation>>,
    /// Held by whoever writes them.
    pub(crate) writing: futures::lock::Mutex<()>,
    /// Held by whoever changes which plugins are live.
    pub(crate) changing: futures::lock::Mutex<()>,
    /// Told when a plugin scheduled a task.
    pub(crate) cron_changed: Notify,
    /// The generation whose `scheduler:tick` tasks are in place.
    pub(crate) ticks_of: AtomicU64,
    pub(crate) recordings: Recordings,
}

impl Site {
    pub(crate) fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.generation.read())
    }

    /// Makes these plugins the live ones. The caller holds [`Site::changing`].
    pub(crate) fn go_live(&self, plugins: Vec<Arc<LoadedPlugin>>) {
        let next = Arc::new(self.generation().next(plugins));
        *self.generation.write() = next;
    }

    /// The counters of a plugin; they outlive its generations.
    pub(crate) fn meters(&self, plugin: &PluginId) -> Arc<Meters> {
        Arc::clone(self.meters.lock().entry(plugin.clone()).or_default())
    }
}

impl PluginHost {
    /// A host without plugins; [`PluginHost::load`] brings them in.
    #[must_use]
    pub fn new(parts: PluginHostParts) -> Self {
        let site = Site {
            parts,
            generation: RwLock::default(),
            meters: Mutex::default(),
            public_calls: PublicCalls::default(),
            unwritten: Mutex::default(),
            writing: futures::lock::Mutex::default(),
            changing: futures::lock::Mutex::default(),
            cron_changed: Notify::new(),
            ticks_of: AtomicU64::new(0),
            recordings: Recordings::default(),
        };
        Self { site: Arc::new(site) }
    }

    /// Whether any live plugin but these answers this hook.
    #[must_use]
    pub fn listens_besides(&self, hook: Hook, causes: &[PluginId]) -> bool {
        self.site.generation().listeners(hook).iter().any(|listener| !causes.contains(&listener.plugin.id))
    }

    /// Whether any live plugin answers this hook.
    #[must_use]
    pub fn listens(&self, hook: Hook) -> bool {
        !self.site.generation().listeners(hook).is_empty()
    }

    /// A number that grows with every change of the live plugins, for cache keys.
    #[must_use]
    pub fn generation_number(&self) -> u64 {
        self.site.generation().number
    }
}
