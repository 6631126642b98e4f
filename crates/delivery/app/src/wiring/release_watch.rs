//! Asks the marketplace now and then whether what is installed may still run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use emdash_jobs::PeriodicTask;
use emdash_plugins::PluginHost;
use emdash_types::{ErrorCode, Result};

pub(crate) struct ReleaseWatch {
    plugins: PluginHost,
    /// The first run is at the start, when a marketplace in this process does not answer yet.
    started: AtomicBool,
}

impl ReleaseWatch {
    pub(crate) fn new(plugins: PluginHost) -> Self {
        Self { plugins, started: AtomicBool::new(false) }
    }
}

#[async_trait]
impl PeriodicTask for ReleaseWatch {
    fn name(&self) -> &'static str {
        "release watch"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(15 * 60)
    }

    async fn run(&self) -> Result<()> {
        if !self.started.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        match self.plugins.check_releases().await {
            Ok(_) => Ok(()),
            // It says nothing about what is installed; the next time will do.
            Err(error) if error.code() == ErrorCode::MarketplaceUnavailable => {
                tracing::info!(%error, "the marketplace does not answer");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
