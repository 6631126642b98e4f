//! The queue of jobs.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use emdash_store::SiteStore;
use emdash_store::operations::Job;
use emdash_types::{Ambient, Error, Result, Timestamp};

use crate::WorkQueue;

/// Jobs under way at once.
const CONCURRENCY: u32 = 8;
/// Delay before the second try; it doubles with each further one, up to [`BACKOFF_MAX_MILLIS`].
const BACKOFF_MILLIS: i64 = 1_000;
/// Longest delay between two tries.
const BACKOFF_MAX_MILLIS: i64 = 10 * 60_000;

/// Runs one kind of job.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind it runs.
    fn kind(&self) -> &'static str;

    /// Does the work. May run more than once for one job.
    ///
    /// # Errors
    /// The job is tried again, until its attempts are used up.
    async fn run(&self, job: &Job) -> Result<()>;
}

/// A site's jobs, and who runs them.
pub struct Jobs {
    store: Arc<dyn SiteStore>,
    ambient: Ambient,
    handlers: HashMap<&'static str, Arc<dyn JobHandler>>,
}

impl Jobs {
    /// Over a site's queue.
    #[must_use]
    pub fn new(store: Arc<dyn SiteStore>, ambient: Ambient, handlers: Vec<Arc<dyn JobHandler>>) -> Self {
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self { store, ambient, handlers }
    }

    async fn settle(&self, job: &Job, outcome: Result<()>) -> Result<()> {
        let mut transaction = self.store.write().await?;
        match outcome {
            Ok(()) => transaction.job_finish(&job.id).await?,
            Err(error) => {
                let retry = retry_at(job, self.ambient.now());
                tracing::warn!(job.id = %job.id, job.kind = job.kind, job.attempts = job.attempts, job.retried = retry.is_some(), error = %error, error.cause = ?error.cause(), "a job failed");
                transaction.job_fail(&job.id, error.message(), retry).await?;
            }
        }
        transaction.commit().await
    }
}

#[async_trait]
impl WorkQueue for Jobs {
    type Item = Job;

    fn name(&self) -> &'static str {
        "jobs"
    }

    fn concurrency(&self) -> u32 {
        CONCURRENCY
    }

    async fn claim(&self, until: Timestamp, limit: u32) -> Result<Vec<Job>> {
        let now = self.ambient.now();
        if self.next_at().await?.is_none_or(|at| at > now) {
            return Ok(Vec::new());
        }
        let mut transaction = self.store.write().await?;
        let jobs = transaction.job_claim(now, until, limit).await?;
        transaction.commit().await?;
        Ok(jobs)
    }

    async fn next_at(&self) -> Result<Option<Timestamp>> {
        self.store.read().await?.job_next_at().await
    }

    async fn renew(&self, job: &Job, until: Timestamp) -> Result<()> {
        let mut transaction = self.store.write().await?;
        transaction.job_renew(job, until).await?;
        transaction.commit().await
    }

    async fn work(&self, job: &Job) -> Result<()> {
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => handler.run(job).await,
            None => Err(Error::internal(format!("no handler for jobs of kind {}", job.kind))),
        };
        self.settle(job, outcome).await
    }
}

/// When a failed job is tried again; `None` when its attempts are used up.
fn retry_at(job: &Job, now: Timestamp) -> Option<Timestamp> {
    (job.attempts < job.max_attempts).then(|| {
        let doublings = job.attempts.saturating_sub(1).min(20);
        now.plus_millis((BACKOFF_MILLIS << doublings).min(BACKOFF_MAX_MILLIS))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use emdash_store::operations::JobStatus;
    use emdash_types::JobId;

    #[test]
    fn a_failed_job_waits_twice_as_long_each_time_and_is_buried_at_the_end() {
        let now = Timestamp::from_millis(0);
        let mut job = Job {
            id: JobId::from("j"),
            kind: "x".into(),
            payload: Default::default(),
            dedupe_key: None,
            status: JobStatus::Running,
            attempts: 1,
            max_attempts: 4,
            run_at: now,
            lease_until: None,
            last_error: None,
            created_at: now,
        };
        let mut delays = Vec::new();
        while let Some(at) = retry_at(&job, now) {
            delays.push(at.as_millis());
            job.attempts += 1;
        }
        assert_eq!(delays, [1_000, 2_000, 4_000]);
    }
}
