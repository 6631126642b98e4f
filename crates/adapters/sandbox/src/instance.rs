//! One instance: drives the guest from entry to entry, awaits its host calls, and says how it ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_ports::recording::{Answer, Event, Outcome, Recording};
use emdash_ports::runtime::{
    GuestCall, GuestContext, GuestOutcome, GuestReport, GuestStop, GuestTarget, GuestUsage, PluginInstance,
};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::border::{Border, Player, Recorder};
use crate::guest::{Budget, Finish, FinishKind, Interrupted, Operation};
use crate::imports;
use crate::response;
use crate::running::{Break, Entry, Running, Standing};
use crate::runtime::Slot;
use crate::threads;

type Stopped<T> = Result<T, GuestStop>;

/// What the guest waits for.
enum Arrival {
    Answer(u32, Answer),
    Timer(u32),
}

/// A guest and what it has under way.
pub(crate) struct Instance {
    slot: Slot,
    /// `None` once the guest was stopped.
    running: Option<Box<Running>>,
    operations: FuturesUnordered<Operation>,
    context: GuestContext,
    /// Whether the guest was told of it, which happens along with the first call.
    introduced: bool,
    border: Border,
}

impl Instance {
    pub(crate) fn new(slot: Slot, running: Box<Running>, context: &GuestContext) -> Self {
        Self {
            slot,
            running: Some(running),
            operations: FuturesUnordered::new(),
            context: context.clone(),
            introduced: false,
            border: Border::Open,
        }
    }

    fn set_border(&mut self, border: Border) {
        if let Some(running) = &mut self.running {
            running.store.data_mut().border = border.clone();
        }
        self.border = border;
    }

    /// Lets a recording answer instead of the host.
    pub(crate) fn play(&mut self, player: Arc<Player>) {
        self.set_border(Border::Played(player));
    }

    fn note(&self, event: impl FnOnce() -> Event) {
        if let Border::Recorded(recorder) = &self.border {
            recorder.note(event());
        }
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
    async fn next_arrival(&mut self, wall: Duration) -> Stopped<Arrival> {
        if let Border::Played(player) = &self.border {
            // Where the recording has nothing more for it, its time was up then.
            return played(player).ok_or(GuestStop::TimeLimit { limit: wall });
        }
        let guest = self.running()?.store.data();
        let deadline = guest.budget.deadline;
        let timer = guest.timers.first().copied();
        let operations = &mut self.operations;
        let arrival = timeout_at(deadline, async move {
            match timer {
                None => next_answer(operations).await,
                Some((due, id)) => tokio::select! {
                    biased;
                    () = sleep_until(due) => Arrival::Timer(id),
                    arrival = next_answer(operations) => arrival,
                },
            }
        });
        arrival.await.map_err(|_| GuestStop::TimeLimit { limit: wall })
    }

    /// Hands over what arrived.
    async fn deliver(&mut self, arrival: Arrival, budget: (Duration, Duration)) -> Stopped<Standing> {
        let guest = self.running()?.store.data_mut();
        guest.open = guest.open.saturating_sub(1);
        let entry = match arrival {
            Arrival::Timer(id) => {
                guest.timers.retain(|(_, timer)| *timer != id);
                self.note(|| Event::TimerFired { id });
                Entry::Complete { id, refused: false, answer: Vec::new() }
            }
            Arrival::Answer(id, answer) => {
                self.note(|| Event::Answered { id, answer: answer.clone() });
                let (refused, text) = match answer {
                    Answer::Value(json) => (false, json),
                    Answer::Refused(json) => (true, json),
                };
                Entry::Complete { id, refused, answer: text.into_bytes() }
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
        let context = if self.introduced { None } else { Some(&self.context) };
        let context = serde_json::to_string(&context).unwrap_or_default();
        self.introduced = true;
        let json = format!(r#"{{"context":{context},"target":"{target}","name":{name},"input":{input}}}"#);
        let mut standing = self.enter(Entry::Call(json), budget).await?;
        while standing == Standing::Waiting {
            let arrival = self.next_arrival(call.wall).await?;
            standing = self.deliver(arrival, budget).await?;
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

    /// Settles what is under way; says how that ended.
    pub(crate) async fn drained(&mut self, cpu: Duration, wall: Duration) -> Outcome {
        match self.settle(cpu, wall).await {
            Ok(()) => Outcome::Settled,
            Err(stop) => {
                self.running = None;
                Outcome::Stopped(reason(&stop).to_owned())
            }
        }
    }

    /// Waits and delivers until nothing is under way.
    async fn settle(&mut self, cpu: Duration, wall: Duration) -> Stopped<()> {
        self.begin(cpu, wall)?;
        while self.running()?.store.data().open > 0 {
            let arrival = self.next_arrival(wall).await?;
            self.deliver(arrival, (cpu, wall)).await?;
        }
        Ok(())
    }
}

async fn next_answer(operations: &mut FuturesUnordered<Operation>) -> Arrival {
    match operations.next().await {
        Some((id, result)) => Arrival::Answer(id, imports::delivered(result)),
        // The guest waits for something the host does not know: only the wall clock ends that.
        None => std::future::pending().await,
    }
}

/// What arrived next when the recording was made.
fn played(player: &Player) -> Option<Arrival> {
    match player.peek()? {
        Event::Answered { .. } | Event::TimerFired { .. } => player.take("waits", |event| match event {
            Event::Answered { id, answer } => Some(Arrival::Answer(*id, answer.clone())),
            Event::TimerFired { id } => Some(Arrival::Timer(*id)),
            _ => None,
        }),
        _ => None,
    }
}

/// How a call ended, as a recording has it.
pub(crate) fn outcome(report: &GuestReport) -> Outcome {
    match &report.outcome {
        Ok(GuestOutcome::Returned(json)) => Outcome::Returned(json.clone()),
        Ok(GuestOutcome::Threw(exception)) => Outcome::Threw(Box::new(exception.clone())),
        Ok(GuestOutcome::Responded(response)) => Outcome::Responded(Box::new(response.clone())),
        Err(stop) => Outcome::Stopped(reason(stop).to_owned()),
    }
}

fn reason(stop: &GuestStop) -> &'static str {
    match stop {
        GuestStop::CpuLimit { .. } => "cpu",
        GuestStop::TimeLimit { .. } => "time",
        GuestStop::MemoryLimit { .. } => "memory",
        GuestStop::NeverSettles => "never settles",
        GuestStop::OutputInvalid { .. } => "output",
        GuestStop::Crashed { .. } => "crashed",
        GuestStop::Forbidden { .. } => "forbidden",
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl PluginInstance for Instance {
    async fn call(&mut self, call: GuestCall) -> GuestReport {
        let began = Instant::now();
        self.note(|| Event::Called {
            target: call.target,
            name: call.name.clone(),
            input: call.input.clone(),
            cpu_ms: millis(call.cpu),
            wall_ms: millis(call.wall),
        });
        let target = match call.target {
            GuestTarget::Hook => "hook",
            GuestTarget::Route => "route",
            GuestTarget::Function => "function",
        };
        let run = self.run(target, &call).await;
        let usage = self.usage(began);
        if run.is_err() {
            self.running = None;
        }
        let report = GuestReport { outcome: run, usage };
        self.note(|| Event::Ended { outcome: outcome(&report) });
        report
    }

    async fn drain(&mut self, cpu: Duration, wall: Duration) -> GuestUsage {
        let began = Instant::now();
        self.note(|| Event::Drained { cpu_ms: millis(cpu), wall_ms: millis(wall) });
        let outcome = self.drained(cpu, wall).await;
        let usage = self.usage(began);
        self.note(|| Event::Ended { outcome });
        usage
    }

    fn record(&mut self, limit_bytes: usize) {
        let Some(running) = &self.running else { return };
        let limits = running.store.data().limits;
        let engine = self.slot.shared().engine_id();
        let recorder = Recorder::new(engine, self.context.clone(), limits, limit_bytes);
        self.set_border(Border::Recorded(recorder));
    }

    fn recording(&mut self) -> Option<Recording> {
        let Border::Recorded(recorder) = std::mem::take(&mut self.border) else { return None };
        self.set_border(Border::Open);
        Some(recorder.take())
    }
}
