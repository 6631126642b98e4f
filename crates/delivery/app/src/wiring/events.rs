//! The job that delivers a content event nobody delivered: its process died, or it was queued by another.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_content::{ContentEvent, EVENT_JOB, Hooks};
use emdash_jobs::JobHandler;
use emdash_store::operations::Job;
use emdash_types::{Error, Result};

pub(crate) struct ContentEvents(pub(crate) Arc<dyn Hooks>);

#[async_trait]
impl JobHandler for ContentEvents {
    fn kind(&self) -> &'static str {
        EVENT_JOB
    }

    async fn run(&self, job: &Job) -> Result<()> {
        let event: ContentEvent = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
        self.0.run_deferred(&event).await
    }
}
