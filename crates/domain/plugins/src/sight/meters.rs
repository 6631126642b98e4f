//! What is counted and logged per plugin since the server started.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use emdash_manifest::Budgets;
use emdash_ports::runtime::GuestUsage;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::statistics::Counts;
use crate::{CallStatistics, LogLine, PluginHealth};

/// Lines kept per plugin.
const LINES_KEPT: usize = 500;

#[derive(Default)]
pub(crate) struct Meters {
    calls: AtomicU64,
    errors: AtomicU64,
    cpu_micros: AtomicU64,
    violations: AtomicU64,
    peak_memory: AtomicU64,
    at_work: AtomicUsize,
    waiting: AtomicUsize,
    freed: Notify,
    counts: Counts,
    last_error: Mutex<Option<String>>,
    log: Mutex<VecDeque<LogLine>>,
    lines_seen: AtomicU64,
    /// Held for reading by every call, for writing while code and data are exchanged.
    door: Arc<RwLock<()>>,
}

/// How long an exchange waits for the calls under way to end. It does not wait for ever: a call may itself be waiting
/// for one that stands before the door.
const DRAIN: Duration = Duration::from_secs(2);

/// One of the instances a plugin may have at work; given back when dropped.
pub(crate) struct Seat(Arc<Meters>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.at_work.fetch_sub(1, Ordering::Relaxed);
        self.0.freed.notify_one();
    }
}

/// A place in the queue; given back when the wait ends, however it ends.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Takes one more, unless so many are taken.
fn take(count: &AtomicUsize, limit: usize) -> bool {
    let more = |taken: usize| (taken < limit).then_some(taken + 1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
}

impl Meters {
    /// Waits while the plugin's code and data are being exchanged, and keeps the next exchange waiting.
    pub(crate) async fn enter(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.door).read_owned().await
    }

    /// Keeps new calls waiting once those under way have ended; `None` where they do not end in time.
    pub(crate) async fn close(&self) -> Option<OwnedRwLockWriteGuard<()>> {
        tokio::time::timeout(DRAIN, Arc::clone(&self.door).write_owned()).await.ok()
    }

    /// A seat. Where all are taken the call waits for one to come free, unless too many do already.
    pub(crate) async fn seat(self: &Arc<Self>, budgets: &Budgets) -> Option<Seat> {
        if let Some(seat) = self.free_seat(budgets.instances) {
            return Some(seat);
        }
        if !take(&self.waiting, budgets.queue) {
            return None;
        }
        let _place = Place(&self.waiting);
        let freed = async {
            loop {
                self.freed.notified().await;
                if let Some(seat) = self.free_seat(budgets.instances) {
                    return seat;
                }
            }
        };
        tokio::time::timeout(budgets.queue_wall, freed).await.ok()
    }

    /// A seat, unless all are taken.
    pub(crate) fn free_seat(self: &Arc<Self>, limit: usize) -> Option<Seat> {
        take(&self.at_work, limit).then(|| Seat(Arc::clone(self)))
    }

    pub(crate) fn count_call(&self, during: &str, usage: &GuestUsage) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.counts.count(during, |counts| counts.add_call(usage));
        self.count_totals(usage);
    }

    /// Counts what a call used after it had answered.
    pub(crate) fn count_usage(&self, during: &str, usage: &GuestUsage) {
        self.counts.count(during, |counts| counts.add_usage(usage));
        self.count_totals(usage);
    }

    fn count_totals(&self, usage: &GuestUsage) {
        let micros = u64::try_from(usage.cpu.as_micros()).unwrap_or(u64::MAX);
        self.cpu_micros.fetch_add(micros, Ordering::Relaxed);
        self.peak_memory.fetch_max(usage.memory_bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_error(&self, during: &str, reason: &str) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        self.counts.count(during, |counts| counts.errors += 1);
        *self.last_error.lock() = Some(format!("{during}: {reason}"));
    }

    pub(crate) fn count_violations(&self, during: &str, count: u64) {
        self.counts.count(during, |counts| counts.violations += count);
        self.violations.fetch_add(count, Ordering::Relaxed);
    }

    /// Keeps a line of the plugin's log; it gets its number here.
    pub(crate) fn keep(&self, mut line: LogLine) {
        let mut log = self.log.lock();
        line.number = self.lines_seen.fetch_add(1, Ordering::Relaxed) + 1;
        if log.len() == LINES_KEPT {
            log.pop_front();
        }
        log.push_back(line);
    }

    /// The lines kept whose number is greater.
    pub(crate) fn lines(&self, after: u64) -> Vec<LogLine> {
        self.log.lock().iter().filter(|line| line.number > after).cloned().collect()
    }

    pub(crate) fn statistics(&self) -> BTreeMap<String, CallStatistics> {
        self.counts.all()
    }

    pub(crate) fn health(&self) -> PluginHealth {
        PluginHealth {
            calls: self.calls.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            cpu_ms: self.cpu_micros.load(Ordering::Relaxed) / 1_000,
            violations: self.violations.load(Ordering::Relaxed),
            peak_memory_bytes: self.peak_memory.load(Ordering::Relaxed),
            last_error: self.last_error.lock().clone(),
        }
    }
}
