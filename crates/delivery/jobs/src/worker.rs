//! The loop that claims work and does it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_types::{Ambient, Result, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

/// How long a claim holds. It is short, so that work of a process that died does not wait long, and held for longer as
/// long as the work goes on.
const LEASE_MILLIS: i64 = 30_000;
/// How often a claim is held for longer.
const RENEWAL: Duration = Duration::from_secs(10);
/// How long the loop sleeps where nothing wakes it.
const IDLE: Duration = Duration::from_secs(5);
/// How long it sleeps at the least, and after a failure.
const PAUSE: Duration = Duration::from_millis(20);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Work that becomes due, to be done by whichever process claims it first.
#[async_trait]
pub trait WorkQueue: Send + Sync + 'static {
    /// A piece of work.
    type Item: Send + Sync + 'static;

    /// Its name, for the log.
    fn name(&self) -> &'static str;

    /// How many pieces may be under way at once.
    fn concurrency(&self) -> u32;

    /// Claims up to `limit` pieces that are due, so that nobody else gets them before `until`.
    ///
    /// # Errors
    /// When the queue cannot be used now.
    async fn claim(&self, until: Timestamp, limit: u32) -> Result<Vec<Self::Item>>;

    /// The earliest instant at which something can be claimed.
    ///
    /// # Errors
    /// When the queue cannot be used now.
    async fn next_at(&self) -> Result<Option<Timestamp>>;

    /// Holds a claim for longer, while the work goes on.
    ///
    /// # Errors
    /// When the queue cannot be used now.
    async fn renew(&self, item: &Self::Item, until: Timestamp) -> Result<()>;

    /// Does a piece of work and records how it ended. May run more than once for one piece.
    ///
    /// # Errors
    /// When the end could not be recorded; logged.
    async fn work(&self, item: &Self::Item) -> Result<()>;

    /// Comes back when there may be new work; never where only time brings it.
    async fn changed(&self) {
        std::future::pending().await
    }
}

/// Holds a running worker; stop it to drain.
pub struct WorkerHandle {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    wake: Arc<Notify>,
}

/// Starts to work on a queue.
#[must_use]
pub fn start_worker<Q: WorkQueue>(queue: Arc<Q>, ambient: Ambient) -> WorkerHandle {
    let (stop, stopped) = watch::channel(false);
    let wake = Arc::new(Notify::new());
    let worker = Worker { queue, ambient, wake: Arc::clone(&wake) };
    WorkerHandle { stop, task: tokio::spawn(worker.run(stopped)), wake }
}

struct Worker<Q> {
    queue: Arc<Q>,
    ambient: Ambient,
    wake: Arc<Notify>,
}

impl<Q: WorkQueue> Worker<Q> {
    async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        while !*stopped.borrow() {
            let pause = self.claim(&mut running).await;
            tokio::select! {
                () = self.wake.notified() => {}
                () = self.queue.changed() => {}
                () = tokio::time::sleep(pause) => {}
                _ = running.join_next(), if !running.is_empty() => {}
                _ = stopped.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Begins what is due; returns how long to wait for more.
    async fn claim(&self, running: &mut JoinSet<()>) -> Duration {
        let most = self.queue.concurrency();
        loop {
            let free = most.saturating_sub(u32::try_from(running.len()).unwrap_or(most));
            if free == 0 {
                return IDLE;
            }
            match self.queue.claim(self.lease(), free).await {
                Ok(items) if items.is_empty() => break,
                Ok(items) => items.into_iter().for_each(|item| self.begin(item, running)),
                Err(error) => {
                    let queue = self.queue.name();
                    tracing::error!(queue, error = %error, error.cause = ?error.cause(), "work cannot be claimed");
                    return PAUSE_AFTER_FAILURE;
                }
            }
        }
        self.until_next().await
    }

    fn lease(&self) -> Timestamp {
        self.ambient.now().plus_millis(LEASE_MILLIS)
    }

    async fn until_next(&self) -> Duration {
        let Ok(next) = self.queue.next_at().await else { return PAUSE_AFTER_FAILURE };
        let millis = next.map(|at| at.as_millis() - self.ambient.now().as_millis());
        millis.map_or(IDLE, |millis| {
            Duration::from_millis(u64::try_from(millis).unwrap_or(0)).clamp(PAUSE, IDLE)
        })
    }

    fn begin(&self, item: Q::Item, running: &mut JoinSet<()>) {
        let (queue, ambient) = (Arc::clone(&self.queue), self.ambient.clone());
        running.spawn(async move {
            let hold = async {
                loop {
                    tokio::time::sleep(RENEWAL).await;
                    let until = ambient.now().plus_millis(LEASE_MILLIS);
                    if let Err(error) = queue.renew(&item, until).await {
                        tracing::warn!(queue = queue.name(), error = %error, "a claim cannot be held for longer");
                    }
                }
            };
            let outcome = tokio::select! {
                outcome = queue.work(&item) => outcome,
                () = hold => Ok(()),
            };
            if let Err(error) = outcome {
                tracing::error!(queue = queue.name(), error = %error, error.cause = ?error.cause(), "the end of a piece of work cannot be recorded");
            }
        });
    }
}

impl WorkerHandle {
    /// Looks for work at once instead of at the next turn.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Tells whether the loop is still alive, for as long as anybody asks.
    #[must_use]
    pub fn liveness(&self) -> Liveness {
        Liveness(self.task.abort_handle())
    }

    /// Claims nothing more and waits for the work under way.
    pub async fn stop(self) {
        // The loop may have ended already; then there is nobody to tell.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Tells whether a worker is still alive.
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
    use std::sync::atomic::{AtomicU32, Ordering};

    use emdash_types::testing::ambient;
    use parking_lot::Mutex;

    use super::*;

    /// Ten pieces of work, which wait for each other in threes.
    struct Ten {
        left: Mutex<u32>,
        under_way: AtomicU32,
        most: AtomicU32,
        done: Arc<Notify>,
    }

    #[async_trait]
    impl WorkQueue for Ten {
        type Item = u32;

        fn name(&self) -> &'static str {
            "ten"
        }

        fn concurrency(&self) -> u32 {
            3
        }

        async fn claim(&self, _: Timestamp, limit: u32) -> Result<Vec<u32>> {
            let mut left = self.left.lock();
            let count = limit.min(*left);
            *left -= count;
            Ok((0..count).collect())
        }

        async fn next_at(&self) -> Result<Option<Timestamp>> {
            Ok(None)
        }

        async fn renew(&self, _: &u32, _: Timestamp) -> Result<()> {
            Ok(())
        }

        async fn work(&self, _: &u32) -> Result<()> {
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if self.under_way.fetch_sub(1, Ordering::SeqCst) == 1 && *self.left.lock() == 0 {
                self.done.notify_one();
            }
            Ok(())
        }
    }

    #[tokio::test]
    async fn all_that_is_due_is_done_and_never_more_at_once_than_allowed() {
        let done = Arc::new(Notify::new());
        let queue = Arc::new(Ten {
            left: Mutex::new(10),
            under_way: AtomicU32::new(0),
            most: AtomicU32::new(0),
            done: Arc::clone(&done),
        });
        let worker = start_worker(Arc::clone(&queue), ambient(1).0);
        done.notified().await;
        assert!(worker.liveness().is_alive());
        worker.stop().await;
        assert!((1..=3).contains(&queue.most.load(Ordering::SeqCst)));
        assert_eq!(*queue.left.lock(), 0);
    }
}
