//! The host's side of one component's store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use emdash_ports::runtime::{
    GuestContext, HostCall, HostCallProgress, HostCallResult, HostCalls, InstanceLimits,
};
use emdash_types::{Ambient, Error, ErrorCode, Result};
use futures::channel::mpsc::UnboundedSender;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};

use crate::guest::{Budget, NAME_BYTES};
use crate::meter::Meter;

/// A host call under way. It runs on the caller's thread, so that neither its work is charged to the guest nor the
/// guest threads serve it.
pub(super) type Operation = BoxFuture<'static, ()>;

/// The data of a store.
pub(super) struct Guest {
    pub(super) ambient: Ambient,
    pub(super) context: GuestContext,
    /// `None` while the component describes itself.
    pub(super) host: Option<Arc<dyn HostCalls>>,
    pub(super) limits: InstanceLimits,
    pub(super) budget: Budget,
    pub(super) meter: Arc<Meter>,
    /// Set while the guest waits for a host call.
    pub(super) waiting: Arc<AtomicBool>,
    /// Epochs that passed while it waited are not its own.
    pub(super) resumed: bool,
    pub(super) operations: UnboundedSender<Operation>,
    /// Host calls under way.
    pub(super) open: usize,
    pub(super) host_calls: u32,
    /// Linear memory of all its memories.
    pub(super) memory_bytes: usize,
    pub(super) memory_limit_hit: bool,
    /// What it wrote to its standard streams and did not end with a newline.
    pub(super) unfinished_lines: [Vec<u8>; 2],
}

/// A host call that was started.
pub(super) enum Started {
    Ready(HostCallResult),
    Later(oneshot::Receiver<HostCallResult>),
}

impl Guest {
    /// Called once an epoch while the guest computes.
    pub(super) fn on_epoch(mut context: StoreContextMut<'_, Self>) -> wasmtime::Result<UpdateDeadline> {
        let guest = context.data_mut();
        guest.budget.check(&guest.meter)?;
        match std::mem::take(&mut guest.resumed) {
            true => Ok(UpdateDeadline::Continue(1)),
            false => Ok(UpdateDeadline::Yield(1)),
        }
    }

    fn check(&self, call: &HostCall) -> Result<()> {
        if self.host.is_none() {
            let words =
                "The host is not available while a plugin describes itself. Use it inside a hook or a route.";
            return Err(Error::new(ErrorCode::InvalidState, words));
        }
        let limit = self.limits.pending_operations;
        if self.open >= limit {
            let words = format!("{limit} host calls are under way, the most a plugin may have.");
            return Err(Error::new(ErrorCode::HostCallLimit, words));
        }
        let (used, limit) = (call.arguments.len(), self.limits.payload_bytes);
        if used > limit {
            let words =
                format!("The arguments of {} are {used} bytes of JSON; the limit is {limit}.", call.name);
            return Err(Error::new(ErrorCode::PayloadTooLarge, words));
        }
        if call.name.len() > NAME_BYTES {
            return Err(Error::new(ErrorCode::NotFound, "There is no such host call."));
        }
        Ok(())
    }

    /// Starts a host call; what it waits for goes to whoever drives the guest.
    pub(super) fn start(&mut self, name: &str, arguments: String) -> Started {
        let call = HostCall { name: name.to_owned(), arguments };
        if let Err(error) = self.check(&call) {
            if let Some(host) = &self.host {
                host.refused(&error);
            }
            return Started::Ready(Err(error));
        }
        let Some(host) = &self.host else { return Started::Ready(Err(ended())) };
        self.host_calls = self.host_calls.saturating_add(1);
        match host.start(call) {
            HostCallProgress::Ready(result) => Started::Ready(result),
            HostCallProgress::Pending(future) => {
                self.open += 1;
                let (sender, receiver) = oneshot::channel();
                let operation = async move {
                    // Nobody listens any more where the guest was stopped.
                    let _ = sender.send(future.await);
                };
                match self.operations.unbounded_send(Box::pin(operation)) {
                    Ok(()) => Started::Later(receiver),
                    Err(_) => Started::Ready(Err(ended())),
                }
            }
        }
    }

    /// Waits for a call that was started.
    pub(super) async fn finish(&mut self, started: Started) -> HostCallResult {
        match started {
            Started::Ready(result) => result,
            Started::Later(receiver) => {
                self.waiting.store(true, Ordering::Release);
                let result = receiver.await.unwrap_or_else(|_| Err(ended()));
                self.waiting.store(false, Ordering::Release);
                self.resumed = true;
                self.open = self.open.saturating_sub(1);
                result
            }
        }
    }

    /// A line for the plugin's log; the broker counts and bounds it.
    pub(super) fn log(&mut self, level: &str, message: &str, data: Option<&str>) {
        let level = serde_json::Value::from(level);
        let message = serde_json::Value::from(message);
        let data = data.map(|data| format!(",{data}")).unwrap_or_default();
        // A line that is refused is dropped, and nobody waits for one.
        if let Started::Later(_) = self.start("log", format!("[{level},{message}{data}]")) {
            self.open = self.open.saturating_sub(1);
        }
    }
}

fn ended() -> Error {
    Error::new(ErrorCode::InvalidState, "The call this belongs to has ended.")
}

impl ResourceLimiter for Guest {
    /// All memories together are held to the budget.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        let allowed = total <= self.limits.memory_bytes;
        if allowed {
            self.memory_bytes = total;
        }
        self.memory_limit_hit |= !allowed;
        Ok(allowed)
    }

    /// Bounded by the pool (`TABLE_ELEMENTS`).
    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
