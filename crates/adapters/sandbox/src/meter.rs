//! CPU time of a guest, whatever threads it runs on. Waiting is never charged.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of the calling thread.
fn thread_cpu_nanos() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

/// What one call has used.
#[derive(Default)]
pub(crate) struct Meter {
    before: AtomicU64,
    slice_began: AtomicU64,
}

impl Meter {
    pub(crate) fn reset(&self) {
        self.before.store(0, Ordering::Relaxed);
    }

    /// Total of the finished slices.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.before.load(Ordering::Relaxed))
    }

    /// Total including the slice under way; call it on the thread that runs the guest.
    pub(crate) fn total_now(&self) -> Duration {
        let slice = thread_cpu_nanos().saturating_sub(self.slice_began.load(Ordering::Relaxed));
        self.total() + Duration::from_nanos(slice)
    }

    /// The future, every poll of it charged.
    pub(crate) fn charge<F: Future + Unpin>(self: &Arc<Self>, future: F) -> Charged<F> {
        Charged { meter: Arc::clone(self), future }
    }
}

/// A future whose polls are charged to a meter.
pub(crate) struct Charged<F> {
    meter: Arc<Meter>,
    future: F,
}

impl<F: Future + Unpin> Future for Charged<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let began = thread_cpu_nanos();
        self.meter.slice_began.store(began, Ordering::Relaxed);
        let poll = Pin::new(&mut self.future).poll(context);
        let slice = thread_cpu_nanos().saturating_sub(began);
        self.meter.before.fetch_add(slice, Ordering::Relaxed);
        poll
    }
}
