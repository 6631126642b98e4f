//! The heartbeat that interrupts guests: one epoch a millisecond while any of them runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use emdash_types::{Error, Result};

/// Length of an epoch, and so the precision of every stop.
const TICK: Duration = Duration::from_millis(1);
/// Ticks without a running guest before the thread goes to sleep.
const IDLE_TICKS: u32 = 200;

#[derive(Default)]
struct State {
    running: AtomicUsize,
    asleep: AtomicBool,
    stopped: AtomicBool,
}

/// The thread; it ends with the value.
pub(crate) struct Ticker {
    state: Arc<State>,
    thread: JoinHandle<()>,
}

impl Ticker {
    pub(crate) fn start(engines: Vec<wasmtime::Engine>) -> Result<Self> {
        let state = Arc::new(State::default());
        let beat = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("sandbox-epoch".to_owned())
            .spawn(move || beat.run(&engines))
            .map_err(Error::internal)?;
        Ok(Self { state, thread })
    }

    pub(crate) fn handle(&self) -> TickerHandle {
        TickerHandle { state: Arc::clone(&self.state), thread: self.thread.thread().clone() }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
    }
}

impl State {
    fn run(&self, engines: &[wasmtime::Engine]) {
        let mut idle = 0;
        while !self.stopped.load(Ordering::SeqCst) {
            idle = if self.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
            if idle > IDLE_TICKS {
                self.sleep();
                idle = 0;
            }
            thread::sleep(TICK);
            engines.iter().for_each(wasmtime::Engine::increment_epoch);
        }
    }

    /// Sleeps until a guest runs. Whoever starts one after `asleep` is set wakes the thread; whoever started
    /// one before is seen here.
    fn sleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
        while self.running.load(Ordering::SeqCst) == 0 && !self.stopped.load(Ordering::SeqCst) {
            thread::park();
        }
        self.asleep.store(false, Ordering::SeqCst);
    }
}

/// Tells the ticker when guests run.
#[derive(Clone)]
pub(crate) struct TickerHandle {
    state: Arc<State>,
    thread: Thread,
}

impl TickerHandle {
    /// Keeps the ticker awake until the guard is dropped.
    pub(crate) fn running(&self) -> RunningGuard {
        self.state.running.fetch_add(1, Ordering::SeqCst);
        if self.state.asleep.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        RunningGuard { state: Arc::clone(&self.state) }
    }
}

/// A guest is running.
pub(crate) struct RunningGuard {
    state: Arc<State>,
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        self.state.running.fetch_sub(1, Ordering::SeqCst);
    }
}
