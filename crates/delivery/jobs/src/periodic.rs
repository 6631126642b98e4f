//! Work that recurs: the sweep of scheduled entries, the removal of expired sessions.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_types::Result;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Something done again and again. Each run is independent of the last.
#[async_trait]
pub trait PeriodicTask: Send + Sync {
    /// Its name, for the log.
    fn name(&self) -> &'static str;

    /// Time between two runs.
    fn every(&self) -> Duration;

    /// Does the work once.
    ///
    /// # Errors
    /// Logged; the next run comes as usual.
    async fn run(&self) -> Result<()>;
}

/// Holds the running periodic tasks.
pub struct Periodic {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Periodic {
    /// Starts all of them; each runs once at once.
    #[must_use]
    pub fn start(list: Vec<Arc<dyn PeriodicTask>>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for task in list {
            let mut stopped = stopped.clone();
            tasks.spawn(async move {
                while !*stopped.borrow() {
                    if let Err(error) = task.run().await {
                        tracing::error!(task = task.name(), error = %error, error.cause = ?error.cause(), "periodic task failed");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(task.every()) => {}
                        _ = stopped.changed() => {}
                    }
                }
            });
        }
        Self { stop, tasks }
    }

    /// Starts nothing more and waits for the runs under way.
    pub async fn stop(mut self) {
        // Without tasks nobody listens.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}
