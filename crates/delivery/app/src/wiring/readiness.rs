//! What `/readyz` asks.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_http::Readiness;
use emdash_jobs::Liveness;
use emdash_ports::runtime::{PluginCode, PluginRuntime};
use emdash_store::{PlatformStore, SiteStore};
use emdash_types::{Error, ErrorCode, Result};

use crate::limits::preparation;

/// The databases this process needs.
pub(crate) struct DatabaseReady {
    pub(crate) site: Option<Arc<dyn SiteStore>>,
    pub(crate) platform: Option<Arc<dyn PlatformStore>>,
}

#[async_trait]
impl Readiness for DatabaseReady {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<()> {
        if let Some(store) = &self.site {
            store.ping().await?;
        }
        if let Some(store) = &self.platform {
            store.ping().await?;
        }
        Ok(())
    }
}

/// The plugin engine: evaluates a module that does nothing, as an installation would.
pub(crate) struct PluginsReady(pub(crate) Arc<dyn PluginRuntime>);

#[async_trait]
impl Readiness for PluginsReady {
    fn name(&self) -> &'static str {
        "plugins"
    }

    async fn check(&self) -> Result<()> {
        self.0.prepare(preparation("readiness", PluginCode::module("export default {};"))).await.map(drop)
    }
}

/// The job runner.
pub(crate) struct JobsReady(pub(crate) Liveness);

#[async_trait]
impl Readiness for JobsReady {
    fn name(&self) -> &'static str {
        "jobs"
    }

    async fn check(&self) -> Result<()> {
        if self.0.is_alive() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::NotReady, "The job runner has ended."))
    }
}

/// The scheduler of plugins' tasks.
pub(crate) struct SchedulerReady(pub(crate) Liveness);

#[async_trait]
impl Readiness for SchedulerReady {
    fn name(&self) -> &'static str {
        "scheduler"
    }

    async fn check(&self) -> Result<()> {
        if self.0.is_alive() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::NotReady, "The scheduler of plugins' tasks has ended."))
    }
}
