//! The books of one instance: what the call under way has used, and what it was refused.

use std::sync::Arc;
use std::time::Duration;

use emdash_manifest::Budgets;
use emdash_ports::runtime::HostCallResult;
use emdash_types::{Error, ErrorCode, Result};
use futures::FutureExt;
use futures::future::{AbortHandle, Abortable, BoxFuture};
use parking_lot::Mutex;

use crate::violations::{self, Refusal};

pub(super) struct Ledger {
    host_calls: u32,
    network_calls: u32,
    log_lines: u32,
    database_wall: Duration,
    call: Mutex<Call>,
}

/// The call under way.
#[derive(Default)]
struct Call {
    open: bool,
    /// Time the call has altogether.
    wall: Duration,
    during: String,
    host_calls: u32,
    network_calls: u32,
    log_lines: u32,
    database_time: Duration,
    refusals: Vec<Refusal>,
    under_way: Vec<AbortHandle>,
}

impl Ledger {
    pub(super) fn new(budgets: &Budgets) -> Self {
        Self {
            host_calls: budgets.host_calls,
            network_calls: budgets.network_calls,
            log_lines: budgets.log_lines,
            database_wall: budgets.database_wall,
            call: Mutex::default(),
        }
    }

    pub(super) fn begin(&self, during: &str, wall: Duration) {
        *self.call.lock() = Call { open: true, wall, during: during.to_owned(), ..Call::default() };
    }

    pub(super) fn wall(&self) -> Duration {
        self.call.lock().wall
    }

    pub(super) fn during(&self) -> String {
        self.call.lock().during.clone()
    }

    /// What was refused since the last time somebody asked.
    pub(super) fn take_refusals(&self) -> (String, Vec<Refusal>) {
        let mut call = self.call.lock();
        (call.during.clone(), std::mem::take(&mut call.refusals))
    }

    pub(super) fn end(&self) -> (String, Vec<Refusal>) {
        let call = std::mem::take(&mut *self.call.lock());
        call.under_way.iter().for_each(AbortHandle::abort);
        (call.during, call.refusals)
    }

    /// Counts a host call; refused when no call is under way or the budget is used up (A18).
    pub(super) fn count_host_call(&self) -> Result<()> {
        let mut call = self.call.lock();
        if !call.open {
            return Err(ended());
        }
        call.host_calls = call.host_calls.saturating_add(1);
        within(ErrorCode::HostCallLimit, "host calls", self.host_calls, call.host_calls)
    }

    /// Counts a network request.
    pub(super) fn count_network_call(&self) -> Result<()> {
        let mut call = self.call.lock();
        call.network_calls = call.network_calls.saturating_add(1);
        within(ErrorCode::NetworkCallLimit, "network requests", self.network_calls, call.network_calls)
    }

    /// Counts a line of the log.
    pub(super) fn count_log_line(&self) -> Result<()> {
        let mut call = self.call.lock();
        call.log_lines = call.log_lines.saturating_add(1);
        within(ErrorCode::LogLimit, "log lines", self.log_lines, call.log_lines)
    }

    /// Time statements of the call may still take in the plugin's own database.
    pub(super) fn database_time_left(&self) -> Result<Duration> {
        let left = self.database_wall.saturating_sub(self.call.lock().database_time);
        if left > Duration::ZERO {
            return Ok(left);
        }
        let limit = self.database_wall.as_millis();
        let message =
            format!("D1_ERROR: The statements of the call took more than {limit} ms: SQLITE_INTERRUPT");
        Err(Error::new(ErrorCode::SqlLimit, message))
    }

    pub(super) fn spend_database_time(&self, time: Duration) {
        self.call.lock().database_time += time;
    }

    pub(super) fn note(&self, error: &Error) {
        violations::note(&mut self.call.lock().refusals, error);
    }

    /// Work that ends with the call at the latest: what comes in after that is dropped.
    pub(super) fn supervise(
        self: &Arc<Self>,
        work: BoxFuture<'static, Result<String>>,
    ) -> BoxFuture<'static, HostCallResult> {
        let (handle, registration) = AbortHandle::new_pair();
        self.call.lock().under_way.push(handle);
        let ledger = Arc::clone(self);
        let supervised = Abortable::new(work, registration).map(move |outcome| match outcome {
            Ok(Err(error)) => {
                ledger.note(&error);
                Err(error)
            }
            Ok(answer) => answer,
            Err(_) => Err(ended()),
        });
        supervised.boxed()
    }
}

fn within(code: ErrorCode, what: &str, limit: u32, used: u32) -> Result<()> {
    if used <= limit {
        return Ok(());
    }
    let details = serde_json::json!({"limit": limit, "used": used});
    Err(Error::new(code, format!("The call made more than {limit} {what}.")).details(details))
}

fn ended() -> Error {
    Error::new(ErrorCode::InvalidState, "The call this belongs to has ended.")
}
