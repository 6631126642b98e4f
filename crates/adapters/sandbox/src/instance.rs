//! One instance: drives the guest from entry to entry, awaits its host calls, and says how it ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_ports::runtime::{
    GuestCall, GuestContext, GuestOutcome, GuestReport, GuestStop, GuestTarget, GuestUsage, HostCallResult,
    PluginInstance,
};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::guest::{Budget, Finish, FinishKind, Interrupted, Operation};
use crate::imports;
use crate::response;
use crate::running::{Break, Entry, Running, Standing};
use crate::runtime::Slot;
use crate::threads;

type Stopped<T> = Result<T, GuestStop>;

/// What the guest waits for.
enum Event {
    Answer(u32, HostCallResult),
    Timer(Instant, u32),
}

/// A guest and what it has under way.
pub(crate) struct Instance {
    slot: Slot,
    /// `None` once the guest was stopped.
    running: Option<Box<Running>>,
    operations: FuturesUnordered<Operation>,
    /// Sent along with the first call.
    context: Option<String>,
}

impl Instance {
    pub(crate) fn new(slot: Slot, running: Box<Running>, context: &GuestContext) -> Self {
        let context = serde_json::to_string(context).unwrap_or_default();
        Self { slot, running: Some(running), operations: FuturesUnordered::new(), context: Some(context) }
    }

    fn running(&mut self) -> Stopped<&mut Running> {
        let stopped = || GuestStop::Crashed { reason: "the instance was stopped earlier".to_owned() };
        self.running.as_deref_mut().ok_or_else(stopped)
    }

    /// Opens a budget for what follows.
    fn begin(&mut self, cpu: Duration, wall: Duration) -> Stopped<()> {
        let guest = self.running()?.store.data_mut();
        guest.budget = Budget { cpu, deadline: Instant::now() + wall };
        guest.meter.reset();
        guest.finish = None;
        guest.host_calls = 0;
        Ok(())
    }

    /// Enters the guest once and takes over the host calls it started.
    async fn enter(&mut self, entry: Entry, budget: (Duration, Duration)) -> Stopped<Standing> {
        self.running()?;
        let Some(running) = self.running.take() else { return Ok(Standing::Stuck) };
        let meter = Arc::clone(&running.store.data().meter);
        let shared = self.slot.shared();
        let entered = threads::enter(running, entry, &shared.ticker, &shared.threads).await;
        let Some((mut running, standing)) = entered else {
            return Err(GuestStop::Crashed { reason: "the server is stopping".to_owned() });
        };
        self.operations.extend(running.store.data_mut().started.drain(..));
        self.running = Some(running);
        standing.map_err(|broken| match broken {
            Break::Interrupted(Interrupted::Cpu) => {
                GuestStop::CpuLimit { limit: budget.0, used: meter.total() }
            }
            Break::Interrupted(Interrupted::Wall) => GuestStop::TimeLimit { limit: budget.1 },
            Break::Trapped(reason) => GuestStop::Crashed { reason },
        })
    }

    /// The next thing the guest waits for, or the end of its time.
    async fn next_event(&mut self, wall: Duration) -> Stopped<Event> {
        let guest = self.running()?.store.data();
        let deadline = guest.budget.deadline;
        let timer = guest.timers.first().copied();
        let operations = &mut self.operations;
        let event = timeout_at(deadline, async move {
            match timer {
                None => next_answer(operations).await,
                Some((due, id)) => tokio::select! {
                    biased;
                    () = sleep_until(due) => Event::Timer(due, id),
                    event = next_answer(operations) => event,
                },
            }
        });
        event.await.map_err(|_| GuestStop::TimeLimit { limit: wall })
    }

    /// Hands an event to the guest.
    async fn deliver(&mut self, event: Event, budget: (Duration, Duration)) -> Stopped<Standing> {
        let guest = self.running()?.store.data_mut();
        guest.open = guest.open.saturating_sub(1);
        let entry = match event {
            Event::Timer(due, id) => {
                guest.timers.remove(&(due, id));
                Entry::Complete { id, refused: false, answer: Vec::new() }
            }
            Event::Answer(id, Ok(json)) => Entry::Complete { id, refused: false, answer: json.into_bytes() },
            Event::Answer(id, Err(error)) => {
                Entry::Complete { id, refused: true, answer: imports::refusal(&error) }
            }
        };
        self.enter(entry, budget).await
    }

    /// Runs what `dispatch` in `entry.js` knows as `target` to its end.
    async fn run(&mut self, target: &str, call: &GuestCall) -> Stopped<GuestOutcome> {
        let budget = (call.cpu, call.wall);
        self.begin(call.cpu, call.wall)?;
        let name = Value::from(call.name.as_str());
        let input = if call.input.is_empty() { "null" } else { &call.input };
        let context = self.context.take();
        let context = context.as_deref().unwrap_or("null");
        let json = format!(r#"{{"context":{context},"target":"{target}","name":{name},"input":{input}}}"#);
        let mut standing = self.enter(Entry::Call(json), budget).await?;
        while standing == Standing::Waiting {
            let event = self.next_event(call.wall).await?;
            standing = self.deliver(event, budget).await?;
        }
        self.outcome()
    }

    /// Calls the one function the module exports.
    pub(crate) async fn describe(&mut self, cpu: Duration, wall: Duration) -> Result<Value, String> {
        let call =
            GuestCall { target: GuestTarget::Function, name: String::new(), input: String::new(), cpu, wall };
        match self.run("describe", &call).await {
            Ok(GuestOutcome::Returned(json)) => {
                serde_json::from_str(json.as_deref().unwrap_or("null")).map_err(|error| error.to_string())
            }
            Ok(GuestOutcome::Threw(thrown)) => Err(format!("{}: {}", thrown.name, thrown.message)),
            Ok(GuestOutcome::Responded(_)) => Err("it answered with a Response".to_owned()),
            Err(stop) => Err(format!("{stop:?}")),
        }
    }

    /// How the guest ended the call, once it no longer waits.
    fn outcome(&mut self) -> Stopped<GuestOutcome> {
        let guest = self.running()?.store.data_mut();
        let memory = GuestStop::MemoryLimit { limit: guest.limits.memory_bytes };
        let short_of_memory = guest.memory_limit_hit;
        let Some(Finish { kind, text }) = guest.finish.take() else {
            return Err(if short_of_memory { memory } else { GuestStop::NeverSettles });
        };
        let unreadable = |error: serde_json::Error| GuestStop::OutputInvalid { reason: error.to_string() };
        match kind {
            FinishKind::Undefined => Ok(GuestOutcome::Returned(None)),
            FinishKind::Value => Ok(GuestOutcome::Returned(Some(text))),
            FinishKind::OutOfMemory if short_of_memory => Err(memory),
            FinishKind::Threw | FinishKind::OutOfMemory => {
                serde_json::from_str(&text).map(GuestOutcome::Threw).map_err(unreadable)
            }
            FinishKind::Responded => response::read(&text).map(GuestOutcome::Responded),
            FinishKind::Invalid => Err(GuestStop::OutputInvalid { reason: text }),
        }
    }

    fn usage(&self, began: Instant) -> GuestUsage {
        let wall = began.elapsed();
        let Some(running) = &self.running else { return GuestUsage { wall, ..GuestUsage::default() } };
        let guest = running.store.data();
        GuestUsage {
            cpu: guest.meter.total(),
            wall,
            memory_bytes: running.memory().len(),
            memory_limit_hit: guest.memory_limit_hit,
            host_calls: guest.host_calls,
        }
    }

    /// Waits and delivers until nothing is under way.
    async fn settle(&mut self, cpu: Duration, wall: Duration) -> Stopped<()> {
        self.begin(cpu, wall)?;
        while self.running()?.store.data().open > 0 {
            let event = self.next_event(wall).await?;
            self.deliver(event, (cpu, wall)).await?;
        }
        Ok(())
    }
}

async fn next_answer(operations: &mut FuturesUnordered<Operation>) -> Event {
    match operations.next().await {
        Some((id, result)) => Event::Answer(id, result),
        // The guest waits for something the host does not know: only the wall clock ends that.
        None => std::future::pending().await,
    }
}

#[async_trait]
impl PluginInstance for Instance {
    async fn call(&mut self, call: GuestCall) -> GuestReport {
        let began = Instant::now();
        let target = match call.target {
            GuestTarget::Hook => "hook",
            GuestTarget::Route => "route",
            GuestTarget::Function => "function",
        };
        let outcome = self.run(target, &call).await;
        let usage = self.usage(began);
        if outcome.is_err() {
            self.running = None;
        }
        GuestReport { outcome, usage }
    }

    async fn drain(&mut self, cpu: Duration, wall: Duration) -> GuestUsage {
        let began = Instant::now();
        let settled = self.settle(cpu, wall).await;
        let usage = self.usage(began);
        if settled.is_err() {
            self.running = None;
        }
        usage
    }
}
