//! One site of this process: its stores and services, wired.

use std::sync::{Arc, OnceLock};

use emdash_blobs::FolderBlobs;
use emdash_content::seed::{SiteSeed, seed_default};
use emdash_content::{ContentService, Hooks};
use emdash_identity::IdentityService;
use emdash_outbound::{GuardedClient, OutboundConfig, StaticHost};
use emdash_plugin_data::SqlitePluginData;
use emdash_plugins::{PluginHost, PluginHostParts, SiteInfo};
use emdash_ports::runtime::PluginRuntime;
use emdash_store::SiteStore;
use emdash_store_sqlite::SqliteCoreViews;
use emdash_types::{Ambient, Result};
use emdash_vault::KeyFileVault;
use serde_json::Value;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::DataDir;
use crate::sandbox::sandbox;
use crate::stores::open_site;
use crate::wiring::{PluginContent, PluginHooks, PluginUsers, SiteSettings, URL_OPTION};

/// What a site needs to know beyond its data.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteConfig {
    /// The marketplace to install from.
    pub(crate) marketplace: Option<Url>,
    /// Where the site is reached, where the operator says so; kept as the site's setting.
    pub(crate) public_url: Option<String>,
    /// Where it is reached as long as neither the operator nor the setting says.
    pub(crate) fallback_url: String,
    /// Host names mapped by hand.
    pub(crate) static_hosts: Vec<StaticHost>,
    /// Whether bundles in the making may be loaded.
    pub(crate) development: bool,
}

/// A site's services.
pub(crate) struct Site {
    pub(crate) store: Arc<dyn SiteStore>,
    pub(crate) identity: IdentityService,
    pub(crate) content: Arc<ContentService>,
    pub(crate) hooks: Arc<dyn Hooks>,
    pub(crate) plugins: PluginHost,
    pub(crate) runtime: Arc<dyn PluginRuntime>,
    pub(crate) public_url: String,
    tasks: TaskTracker,
}

impl Site {
    /// Opens a site, makes what is missing of it, and loads its plugins.
    ///
    /// # Errors
    /// When database, blobs or engine cannot be used. A plugin that cannot be loaded is switched off instead.
    pub(crate) async fn open(data: &DataDir, config: SiteConfig, ambient: &Ambient) -> Result<Self> {
        let store = open_site(data)?;
        let seed = SiteSeed { title: "EmDash".to_owned(), tagline: String::new(), url: String::new() };
        seed_default(&store, ambient, &seed).await?;
        if let Some(url) = &config.public_url {
            keep_url(store.as_ref(), url).await?;
        }
        let runtime: Arc<dyn PluginRuntime> = sandbox(data)?;
        let tasks = TaskTracker::new();
        let host = Arc::new(OnceLock::new());
        let hooks: Arc<dyn Hooks> = Arc::new(PluginHooks {
            host: Arc::clone(&host),
            store: Arc::clone(&store),
            tasks: tasks.clone(),
        });
        let content = Arc::new(ContentService::new(Arc::clone(&store), Arc::clone(&hooks), ambient.clone()));
        let identity = IdentityService::new(Arc::clone(&store), ambient.clone());
        let info = SiteSettings::new(Arc::clone(&store), content.generation(), config.fallback_url);
        let public_url = info.facts().await?.url;
        let plugins = PluginHost::new(PluginHostParts {
            runtime: Arc::clone(&runtime),
            store: Arc::clone(&store),
            data: Arc::new(plugin_data(data, ambient)),
            vault: Arc::new(KeyFileVault::open(&data.secret_key(), ambient.clone())?),
            http: Arc::new(GuardedClient::new(OutboundConfig { static_hosts: config.static_hosts })?),
            blobs: Arc::new(FolderBlobs::new(data.site_blobs())?),
            content: Arc::new(PluginContent(Arc::clone(&content))),
            marketplace: config.marketplace,
            ambient: ambient.clone(),
            users: Arc::new(PluginUsers(identity.clone())),
            site: Arc::new(info),
            development: config.development,
        });
        // Nobody else has the cell yet, so it is empty.
        let _ = host.set(plugins.clone());
        for (plugin, reason) in plugins.load().await?.disabled {
            tracing::warn!(plugin, reason, "a plugin cannot be loaded and is switched off");
        }
        Ok(Self { store, identity, content, hooks, plugins, runtime, public_url, tasks })
    }

    /// Waits for deferred work under way.
    pub(crate) async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The plugins' data, with views of a core that is in a file.
fn plugin_data(data: &DataDir, ambient: &Ambient) -> SqlitePluginData {
    let core = SqliteCoreViews::new(data.site_database());
    SqlitePluginData::new(data.plugin_data(), ambient.clone()).with_core(Arc::new(core))
}

async fn keep_url(store: &dyn SiteStore, url: &str) -> Result<()> {
    if store.read().await?.option_lookup(URL_OPTION).await?.as_ref().and_then(Value::as_str) == Some(url) {
        return Ok(());
    }
    let mut transaction = store.write().await?;
    transaction.option_set(URL_OPTION, &Value::from(url)).await?;
    transaction.commit().await
}
