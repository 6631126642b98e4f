//! Looks whether the theme on disk has changed, so that no reader's request has to.

use std::time::Duration;

use async_trait::async_trait;
use emdash_jobs::PeriodicTask;
use emdash_site::SiteRenderer;
use emdash_types::Result;

pub(crate) struct ThemeWatch(pub(crate) SiteRenderer);

#[async_trait]
impl PeriodicTask for ThemeWatch {
    fn name(&self) -> &'static str {
        "theme watch"
    }

    fn every(&self) -> Duration {
        Duration::from_millis(500)
    }

    async fn run(&self) -> Result<()> {
        self.0.watch_theme();
        Ok(())
    }
}
