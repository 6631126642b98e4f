//! `emdash serve`: assembles what the role asks for, answers, and stops in order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use emdash_content::reading::PublicReader;
use emdash_http::{AppState, Health, MarketplaceState, PageCache, Parts, Readiness, SETUP_PATH, serve};
use emdash_jobs::{Jobs, Periodic, WorkerHandle, start_worker};
use emdash_plugins::PluginHost;
use emdash_site::{SiteOptions, SiteRenderer};
use emdash_types::{Ambient, Error, ErrorCode, Result};
use tokio::net::TcpListener;
use url::Url;

use crate::config::{Role, ServeConfig};
use crate::marketplace::assemble;
use crate::sandbox::sandbox;
use crate::site::{Site, SiteConfig};
use crate::stores::open_platform;
use crate::wiring::{
    ContentEvents, CronTasks, DatabaseReady, ForeignWrites, JobsReady, PluginPageMetadata, PluginsReady,
    PublicationSweep, ReleaseWatch, SchedulerReady, ThemeWatch,
};
use crate::{Claim, ambient};

/// How long requests under way may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(20);

/// What a started server tells whoever started it.
#[derive(Clone, Debug)]
pub struct Started {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where the site is reached.
    pub site_url: Option<String>,
    /// Where the marketplace is reached.
    pub marketplace_url: Option<String>,
    /// The one-time link that makes the administrator, while there is none.
    pub setup_url: Option<String>,
}

/// A server about to answer.
pub struct Server {
    listener: TcpListener,
    started: Started,
    parts: Parts,
    stopping: Arc<AtomicBool>,
    site: Option<RunningSite>,
    _claim: Claim,
}

struct RunningSite {
    site: Site,
    renderer: SiteRenderer,
    jobs: WorkerHandle,
    cron: WorkerHandle,
    periodic: Periodic,
}

impl Server {
    /// Opens everything and binds the address. From then on connections wait to be answered.
    ///
    /// # Errors
    /// `DATABASE_IN_USE`; an address that cannot be bound; a database that cannot be used.
    pub async fn start(config: ServeConfig) -> Result<Self> {
        let ambient = ambient::system();
        config.data.create()?;
        let claim = config.data.claim(&config.listen.to_string())?;
        let listener = bind(config.listen).await?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let site = match config.role {
            Role::Marketplace => None,
            Role::All | Role::Site => Some(start_site(&config, &ambient, address).await?),
        };
        let public_url = match &site {
            Some(running) => running.site.public_url.clone(),
            None => configured_url(&config).unwrap_or_else(|| format!("http://{}", reachable(address))),
        };
        let marketplace = match config.role {
            Role::Site => None,
            Role::All | Role::Marketplace => {
                let runtime = match &site {
                    Some(running) => Arc::clone(&running.site.runtime),
                    None => sandbox(&config.data)?,
                };
                let store = open_platform(&config.data)?;
                let registry = assemble(Arc::clone(&store), &config.data, ambient.clone(), Some(runtime))?;
                Some((store, Arc::new(registry)))
            }
        };
        let mut readiness: Vec<Arc<dyn Readiness>> = vec![Arc::new(DatabaseReady {
            site: site.as_ref().map(|running| Arc::clone(&running.site.store)),
            platform: marketplace.as_ref().map(|(store, _)| Arc::clone(store)),
        })];
        if let Some(running) = &site {
            readiness.push(Arc::new(PluginsReady(Arc::clone(&running.site.runtime))));
            readiness.push(Arc::new(JobsReady(running.jobs.liveness())));
            readiness.push(Arc::new(SchedulerReady(running.cron.liveness())));
        }
        let stopping = Arc::new(AtomicBool::new(false));
        let started = Started {
            address,
            site_url: site.as_ref().map(|_| public_url.clone()),
            marketplace_url: marketplace.as_ref().map(|_| format!("{public_url}/marketplace")),
            setup_url: setup_url(site.as_ref(), &public_url).await?,
        };
        let parts = Parts {
            ambient: ambient.clone(),
            health: Health {
                parts: readiness.into(),
                stopping: Arc::clone(&stopping),
                recent: Arc::default(),
            },
            site: site.as_ref().map(|running| state(running, &public_url)),
            marketplace: marketplace.map(|(_, registry)| MarketplaceState {
                registry,
                public_url: Arc::from(public_url.as_str()),
            }),
        };
        Ok(Self { listener, started, parts, stopping, site, _claim: claim })
    }

    /// Where it listens, and what to open first.
    #[must_use]
    pub fn started(&self) -> &Started {
        &self.started
    }

    /// The site's plugins, where it has a site.
    pub(crate) fn plugins(&self) -> Option<PluginHost> {
        self.site.as_ref().map(|running| running.site.plugins.clone())
    }

    /// Answers until `stop` completes, then drains requests, jobs and deferred hooks.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { listener, parts, stopping, site, .. } = self;
        let (closed, closing) = tokio::sync::oneshot::channel::<()>();
        let mark = async move {
            stop.await;
            stopping.store(true, Ordering::Relaxed);
            // Only the watch below listens.
            let _ = closed.send(());
        };
        let serving = serve(listener, parts, mark);
        let overdue = async {
            // An error means the server ended by itself; then there is nothing to wait for.
            let _ = closing.await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            outcome = serving => outcome.map_err(Error::internal)?,
            () = overdue => tracing::warn!("requests under way were cut off after {} s", DRAIN.as_secs()),
        }
        if let Some(running) = site {
            running.stop().await;
        }
        Ok(())
    }
}

impl RunningSite {
    async fn stop(self) {
        self.periodic.stop().await;
        self.cron.stop().await;
        self.jobs.stop().await;
        self.site.close().await;
    }
}

async fn start_site(config: &ServeConfig, ambient: &Ambient, address: SocketAddr) -> Result<RunningSite> {
    let own_url = format!("http://{}", reachable(address));
    let own = || Url::parse(&format!("{own_url}/")).ok();
    let marketplace = match (&config.marketplace, config.role) {
        (Some(url), _) => Some(url.clone()),
        (None, Role::All) => own(),
        (None, _) => None,
    };
    let site_config = SiteConfig {
        marketplace,
        public_url: configured_url(config),
        fallback_url: own_url.clone(),
        static_hosts: config.static_hosts.clone(),
        development: config.development,
    };
    let site = Site::open(&config.data, site_config, ambient).await?;
    let events = Arc::new(ContentEvents(Arc::clone(&site.hooks)));
    let jobs = Jobs::new(Arc::clone(&site.store), ambient.clone(), vec![events]);
    let jobs = start_worker(Arc::new(jobs), ambient.clone());
    let cron = start_worker(Arc::new(CronTasks(site.plugins.clone())), ambient.clone());
    let renderer = renderer(config, &site);
    let periodic = Periodic::start(vec![
        Arc::new(ThemeWatch(renderer.clone())),
        Arc::new(PublicationSweep(Arc::clone(&site.content))),
        Arc::new(ReleaseWatch::new(site.plugins.clone())),
        Arc::new(ForeignWrites::new(Arc::clone(&site.store), site.content.generation())),
    ]);
    Ok(RunningSite { site, renderer, jobs, cron, periodic })
}

fn renderer(config: &ServeConfig, site: &Site) -> SiteRenderer {
    let reader = PublicReader::new(Arc::clone(&site.store), site.content.generation());
    let metadata = Arc::new(PluginPageMetadata(site.plugins.clone()));
    SiteRenderer::new(SiteOptions { theme_dir: Some(config.data.theme()) }, reader, metadata)
}

fn state(running: &RunningSite, public_url: &str) -> AppState {
    let site = &running.site;
    AppState {
        identity: site.identity.clone(),
        content: Arc::clone(&site.content),
        plugins: site.plugins.clone(),
        renderer: running.renderer.clone(),
        pages: PageCache::default(),
        public_url: Arc::from(public_url),
    }
}

async fn setup_url(site: Option<&RunningSite>, public_url: &str) -> Result<Option<String>> {
    let Some(running) = site else { return Ok(None) };
    if !running.site.identity.setup_needed().await? {
        return Ok(None);
    }
    let link = running.site.identity.setup_link().await?;
    Ok(Some(format!("{public_url}{SETUP_PATH}/{}", link.expose())))
}

/// The address the operator gave, without trailing slash.
fn configured_url(config: &ServeConfig) -> Option<String> {
    config.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned())
}

/// An address one can connect to: "any address" is not one.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v4.port())),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v6.port())),
        other => other,
    }
}

async fn bind(listen: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|error| {
        Error::new(ErrorCode::Conflict, format!("{listen} cannot be listened on: {error}."))
            .hint("Choose another address with --listen; port 0 takes a free one.")
    })
}
