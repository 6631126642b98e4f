//! The host's side of one Wasm store: what the imports of the engine work on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use emdash_ports::runtime::{HostCallResult, HostCalls, InstanceLimits};
use emdash_types::Ambient;
use futures::future::BoxFuture;
use tokio::time::Instant;
use wasmtime::{Memory, ResourceLimiter, StoreContextMut, UpdateDeadline};

use crate::border::Border;
use crate::meter::Meter;

/// Longest host call name.
pub(crate) const NAME_BYTES: usize = 64;

/// What the engine is being used for, which decides what the imports answer.
pub(crate) enum Purpose {
    /// Evaluating the prelude: its modules can be loaded.
    Boot,
    /// Evaluating a plugin's module: no clock, no randomness, no host.
    Evaluate,
    /// Serving a request.
    Serve(Arc<dyn HostCalls>),
}

/// How the guest ended a call; the numbers are `engine/prelude/entry.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FinishKind {
    Undefined,
    Value,
    Threw,
    Responded,
    Invalid,
    OutOfMemory,
}

impl FinishKind {
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            0 => Self::Undefined,
            1 => Self::Value,
            2 => Self::Threw,
            3 => Self::Responded,
            4 => Self::Invalid,
            5 => Self::OutOfMemory,
            _ => return None,
        })
    }
}

/// The end of a call as the guest reported it.
pub(crate) struct Finish {
    pub(crate) kind: FinishKind,
    pub(crate) text: String,
}

/// What a call may use. The wall clock is checked while the guest computes and while it waits.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) cpu: Duration,
    pub(crate) deadline: Instant,
}

impl Budget {
    /// Asked once an epoch, on the thread that runs the guest.
    pub(crate) fn check(&self, meter: &Meter) -> Result<(), Interrupted> {
        if meter.total_now() > self.cpu {
            return Err(Interrupted::Cpu);
        }
        if Instant::now() >= self.deadline {
            return Err(Interrupted::Wall);
        }
        Ok(())
    }
}

/// Why the epoch callback stopped the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupted {
    Cpu,
    Wall,
}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cpu => "CPU budget used up",
            Self::Wall => "time budget used up",
        })
    }
}

impl std::error::Error for Interrupted {}

/// A host call under way; resolves to its id and answer.
pub(crate) type Operation = BoxFuture<'static, (u32, HostCallResult)>;

/// The guest did something else than the recording it is played from.
#[derive(Debug)]
pub(crate) struct Diverged;

impl std::fmt::Display for Diverged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the replay came out otherwise than the recording")
    }
}

impl std::error::Error for Diverged {}

/// The data of a store.
pub(crate) struct Guest {
    pub(crate) ambient: Ambient,
    pub(crate) purpose: Purpose,
    pub(crate) border: Border,
    pub(crate) limits: InstanceLimits,
    pub(crate) budget: Budget,
    pub(crate) meter: Arc<Meter>,
    /// The guest's memory, once instantiated.
    pub(crate) memory: Option<Memory>,
    /// Bytes waiting for the guest to take them.
    pub(crate) register: Vec<u8>,
    /// Host calls started since the driver last looked.
    pub(crate) started: Vec<Operation>,
    /// Host calls and timers under way.
    pub(crate) open: usize,
    /// Timers by due time.
    pub(crate) timers: BTreeSet<(Instant, u32)>,
    pub(crate) finish: Option<Finish>,
    pub(crate) host_calls: u32,
    pub(crate) memory_limit_hit: bool,
}

impl Guest {
    pub(crate) fn new(ambient: Ambient, purpose: Purpose, limits: InstanceLimits) -> Self {
        Self {
            ambient,
            purpose,
            border: Border::Open,
            limits,
            budget: Budget { cpu: Duration::ZERO, deadline: Instant::now() },
            meter: Arc::default(),
            memory: None,
            register: Vec::new(),
            started: Vec::new(),
            open: 0,
            timers: BTreeSet::new(),
            finish: None,
            host_calls: 0,
            memory_limit_hit: false,
        }
    }

    /// Called once an epoch while the guest computes.
    pub(crate) fn on_epoch(context: StoreContextMut<'_, Self>) -> wasmtime::Result<UpdateDeadline> {
        let guest = context.data();
        guest.budget.check(&guest.meter)?;
        Ok(UpdateDeadline::Yield(1))
    }
}

impl ResourceLimiter for Guest {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.limits.memory_bytes;
        self.memory_limit_hit |= !allowed;
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The engine's one table is made at its full size.
        Ok(current == 0)
    }
}
