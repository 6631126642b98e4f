//! One instance: drives the guest and its host calls side by side, and says how it ended.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use emdash_ports::runtime::{
    EntryShape, GuestCall, GuestOutcome, GuestReport, GuestStop, GuestTarget, GuestUsage, PluginInstance,
};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use futures::stream::FuturesUnordered;
use tokio::time::{Instant, timeout_at};

use super::guest::Operation;
use super::running::{Entered, Entry, Returned, Running, enter_owned, unusable};
use super::wasi::Forbidden;
use crate::guest::{Budget, Interrupted};
use crate::meter::Meter;
use crate::runtime::Shared;
use crate::threads::{Attached, first_slice};

type Stopped<T> = Result<T, GuestStop>;

/// A component at work for one request.
pub(crate) struct ComponentInstance {
    shared: Arc<Shared>,
    /// `None` once the guest was stopped.
    running: Option<Box<Running>>,
    meter: Arc<Meter>,
    waiting: Arc<AtomicBool>,
    operations: UnboundedReceiver<Operation>,
}

impl ComponentInstance {
    pub(super) fn new(
        shared: Arc<Shared>,
        running: Running,
        operations: UnboundedReceiver<Operation>,
    ) -> Self {
        let guest = running.store.data();
        let (meter, waiting) = (Arc::clone(&guest.meter), Arc::clone(&guest.waiting));
        Self { shared, running: Some(Box::new(running)), meter, waiting, operations }
    }

    /// Enters the guest and stays until it returns or is stopped.
    async fn enter(&mut self, entry: Entry, cpu: Duration, wall: Duration) -> Stopped<Returned> {
        let stopped = || GuestStop::Crashed { reason: "the instance was stopped earlier".to_owned() };
        let mut running = self.running.take().ok_or_else(stopped)?;
        let deadline = Instant::now() + wall;
        self.meter.reset();
        self.waiting.store(false, Ordering::Release);
        let guest = running.store.data_mut();
        guest.budget = Budget { cpu, deadline };
        guest.host_calls = 0;
        guest.open = 0;
        let entering = drive(
            &self.shared,
            &self.meter,
            &self.waiting,
            &mut self.operations,
            enter_owned(running, entry),
        );
        let entered = timeout_at(deadline, entering).await;
        let (mut running, returned) = match entered {
            Ok(Some(entered)) => entered,
            Ok(None) => return Err(GuestStop::Crashed { reason: "the server is stopping".to_owned() }),
            Err(_) => return Err(GuestStop::TimeLimit { limit: wall }),
        };
        let returned = returned.map_err(|error| self.stop(&error, &mut running, (cpu, wall)));
        // Kept even after a stop, for its usage; `call` lets go of it.
        self.running = Some(running);
        returned
    }

    /// Why the guest did not return.
    fn stop(
        &self,
        error: &wasmtime::Error,
        running: &mut Running,
        (cpu, wall): (Duration, Duration),
    ) -> GuestStop {
        let guest = running.store.data_mut();
        guest.flush_lines();
        match error.downcast_ref::<Interrupted>() {
            Some(Interrupted::Cpu) => return GuestStop::CpuLimit { limit: cpu, used: self.meter.total() },
            Some(Interrupted::Wall) => return GuestStop::TimeLimit { limit: wall },
            None => {}
        }
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return GuestStop::Forbidden { what: forbidden.0.clone() };
        }
        if guest.memory_limit_hit {
            return GuestStop::MemoryLimit { limit: guest.limits.memory_bytes };
        }
        if error.is::<wasmtime::Trap>() {
            return GuestStop::Crashed { reason: format!("{error:#}") };
        }
        // The host could not take what the guest handed to it.
        let limit = guest.limits.payload_bytes;
        tracing::debug!(error = format!("{error:#}"), "a component handed over something unusable");
        let reason =
            format!("what it handed to the host is larger than {limit} bytes or not what was asked for");
        GuestStop::OutputInvalid { reason }
    }

    /// Asks the component for its hooks and routes.
    pub(super) async fn describe(&mut self, cpu: Duration, wall: Duration) -> Stopped<EntryShape> {
        match self.enter(Entry::Describe, cpu, wall).await? {
            Returned::Shape(shape) => Ok(shape),
            Returned::Outcome(_) => Ok(EntryShape::default()),
        }
    }

    async fn run(&mut self, call: GuestCall) -> Stopped<GuestOutcome> {
        let input = if call.input.is_empty() { "null".to_owned() } else { call.input };
        let entry = match call.target {
            GuestTarget::Route => Entry::Route { name: call.name, context: input },
            GuestTarget::Hook | GuestTarget::Function => Entry::Hook { name: call.name, event: input },
        };
        let Returned::Outcome(outcome) = self.enter(entry, call.cpu, call.wall).await? else {
            return Ok(GuestOutcome::Returned(None));
        };
        let limit = self.running.as_ref().map_or(0, |running| running.store.data().limits.payload_bytes);
        match unusable(&outcome, limit) {
            Some(reason) => Err(GuestStop::OutputInvalid { reason }),
            None => Ok(outcome),
        }
    }

    fn usage(&self, began: Instant) -> GuestUsage {
        let (cpu, wall) = (self.meter.total(), began.elapsed());
        let Some(running) = &self.running else { return GuestUsage { cpu, wall, ..GuestUsage::default() } };
        let guest = running.store.data();
        GuestUsage {
            cpu,
            wall,
            memory_bytes: guest.memory_bytes,
            memory_limit_hit: guest.memory_limit_hit,
            host_calls: guest.host_calls,
        }
    }
}

/// Drives the guest on this thread while its slices are short and it waits in between, and on the guest threads from
/// the first slice that is not; its host calls always here. `None` when the guest threads are gone.
async fn drive(
    shared: &Shared,
    meter: &Arc<Meter>,
    waiting: &AtomicBool,
    started: &mut UnboundedReceiver<Operation>,
    entering: futures::future::BoxFuture<'static, Entered>,
) -> Option<Entered> {
    let mut guest = meter.charge(entering);
    let mut under_way = FuturesUnordered::new();
    loop {
        let beat = shared.ticker.running();
        if let Some(entered) = first_slice(&mut guest).await {
            return Some(entered);
        }
        while let Ok(operation) = started.try_recv() {
            under_way.push(operation);
        }
        if !waiting.load(Ordering::Acquire) || under_way.is_empty() {
            break;
        }
        drop(beat);
        under_way.next().await;
    }
    let _beat = shared.ticker.running();
    let mut guest = Attached(shared.threads.spawn(guest));
    let mut pump = pin!(pump(started, under_way));
    tokio::select! {
        biased;
        entered = &mut guest.0 => entered.ok(),
        () = &mut pump => None,
    }
}

/// Carries host calls out for ever.
async fn pump(started: &mut UnboundedReceiver<Operation>, mut under_way: FuturesUnordered<Operation>) {
    loop {
        tokio::select! {
            Some(operation) = started.next() => under_way.push(operation),
            Some(()) = under_way.next() => {}
            else => std::future::pending().await,
        }
    }
}

#[async_trait]
impl PluginInstance for ComponentInstance {
    async fn call(&mut self, call: GuestCall) -> GuestReport {
        let began = Instant::now();
        let outcome = self.run(call).await;
        let usage = self.usage(began);
        if outcome.is_err() {
            self.running = None;
        }
        GuestReport { outcome, usage }
    }

    /// A component's calls are over when they return.
    async fn drain(&mut self, _cpu: Duration, _wall: Duration) -> GuestUsage {
        GuestUsage::default()
    }
}
