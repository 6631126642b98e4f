//! Publishes scheduled entries when they are due.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_content::ContentService;
use emdash_jobs::PeriodicTask;
use emdash_types::Result;

pub(crate) struct PublicationSweep(pub(crate) Arc<ContentService>);

#[async_trait]
impl PeriodicTask for PublicationSweep {
    fn name(&self) -> &'static str {
        "publication sweep"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn run(&self) -> Result<()> {
        self.0.publish_due().await.map(drop)
    }
}
