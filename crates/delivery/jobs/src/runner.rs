//! The loop that claims and runs jobs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_store::SiteStore;
use emdash_store::operations::Job;
use emdash_types::{Ambient, Error, Result, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

/// How long a claim holds.
const LEASE_MILLIS: i64 = 60_000;
/// Jobs under way at once.
const CONCURRENCY: u32 = 8;
/// How long the runner sleeps where nothing wakes it.
const IDLE: Duration = Duration::from_secs(5);
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

/// A site's job runner.
pub struct JobRunner {
    store: Arc<dyn SiteStore>,
    ambient: Ambient,
    handlers: HashMap<&'static str, Arc<dyn JobHandler>>,
    wake: Arc<Notify>,
}

/// Holds a running [`JobRunner`]; stop it to drain.
pub struct RunnerHandle {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    wake: Arc<Notify>,
}

impl JobRunner {
    /// Over a site's queue.
    #[must_use]
    pub fn new(store: Arc<dyn SiteStore>, ambient: Ambient, handlers: Vec<Arc<dyn JobHandler>>) -> Self {
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self { store, ambient, handlers, wake: Arc::new(Notify::new()) }
    }

    /// Starts the loop.
    #[must_use]
    pub fn start(self) -> RunnerHandle {
        let (stop, stopped) = watch::channel(false);
        let wake = Arc::clone(&self.wake);
        let task = tokio::spawn(Arc::new(self).run(stopped));
        RunnerHandle { stop, task, wake }
    }

    async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        while !*stopped.borrow() {
            let claimed = self.claim(&mut running).await;
            if claimed > 0 {
                continue;
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(self.until_next().await) => {}
                _ = running.join_next(), if !running.is_empty() => {}
                _ = stopped.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn claim(self: &Arc<Self>, running: &mut JoinSet<()>) -> usize {
        let free = CONCURRENCY.saturating_sub(u32::try_from(running.len()).unwrap_or(CONCURRENCY));
        if free == 0 {
            return 0;
        }
        let jobs = match self.claim_due(free).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::error!(error = %error, error.cause = ?error.cause(), "jobs cannot be claimed");
                Vec::new()
            }
        };
        let count = jobs.len();
        for job in jobs {
            let runner = Arc::clone(self);
            running.spawn(async move { runner.run_one(job).await });
        }
        count
    }

    async fn claim_due(&self, limit: u32) -> Result<Vec<Job>> {
        let now = self.ambient.now();
        if self.store.read().await?.job_next_at().await?.is_none_or(|at| at > now) {
            return Ok(Vec::new());
        }
        let mut transaction = self.store.write().await?;
        let jobs = transaction.job_claim(now, now.plus_millis(LEASE_MILLIS), limit).await?;
        transaction.commit().await?;
        Ok(jobs)
    }

    async fn until_next(&self) -> Duration {
        let next = match self.store.read().await {
            Ok(mut transaction) => transaction.job_next_at().await.ok().flatten(),
            Err(_) => None,
        };
        let millis = next.map(|at| at.as_millis() - self.ambient.now().as_millis());
        millis.map_or(IDLE, |millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(IDLE))
    }

    async fn run_one(&self, job: Job) {
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => handler.run(&job).await,
            None => Err(Error::internal(format!("no handler for jobs of kind {}", job.kind))),
        };
        if let Err(error) = self.settle(&job, outcome).await {
            tracing::error!(job.id = %job.id, job.kind = job.kind, error = %error, "a job's end cannot be recorded");
        }
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

/// When a failed job is tried again; `None` when its attempts are used up.
fn retry_at(job: &Job, now: Timestamp) -> Option<Timestamp> {
    (job.attempts < job.max_attempts).then(|| {
        let doublings = job.attempts.saturating_sub(1).min(20);
        now.plus_millis((BACKOFF_MILLIS << doublings).min(BACKOFF_MAX_MILLIS))
    })
}

impl RunnerHandle {
    /// Looks for work at once instead of at the next turn.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Tells whether the loop is still alive, for as long as anybody asks.
    #[must_use]
    pub fn liveness(&self) -> Liveness {
        Liveness(self.task.abort_handle())
    }

    /// Claims nothing more and waits for the jobs under way.
    pub async fn stop(self) {
        // The loop may have ended already; then there is nobody to tell.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Tells whether a [`JobRunner`] is still alive.
pub struct Liveness(AbortHandle);

impl Liveness {
    /// Whether the loop has not ended.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.0.is_finished()
    }
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
