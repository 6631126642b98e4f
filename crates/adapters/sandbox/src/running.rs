//! A live engine: a store with an image's memory and the shared code, and the three ways into it.

use emdash_types::{Error, ErrorCode, Result};
use futures::future::BoxFuture;
use wasmtime::{Instance, InstancePre, Memory, Store, TypedFunc};

use crate::guest::{Guest, Interrupted};
use crate::machine::{Machine, unavailable};

/// Epochs a guest gets on the caller's thread before it has to move to the guest threads.
const FIRST_SLICE: u64 = 2;

/// How a call stands when the guest hands control back (`engine.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Finished,
    Waiting,
    Stuck,
}

/// Why the guest did not hand control back by itself.
#[derive(Debug)]
pub(crate) enum Break {
    Interrupted(Interrupted),
    Trapped(String),
}

/// A way into the guest.
pub(crate) enum Entry {
    Boot,
    /// Evaluates this source.
    Load(String),
    /// Starts the call this JSON describes.
    Call(String),
    /// Settles an operation.
    Complete {
        id: u32,
        refused: bool,
        answer: Vec<u8>,
    },
}

/// The engine, instantiated.
pub(crate) struct Running {
    pub(crate) store: Store<Guest>,
    instance: Instance,
    memory: Memory,
    call: TypedFunc<u32, i32>,
    complete: TypedFunc<(u32, i32, u32), i32>,
}

const REFUSED: i32 = 2;
const ANSWERED: i32 = 1;

impl Running {
    /// Instantiates image and code.
    ///
    /// # Errors
    /// `SANDBOX_NOT_AVAILABLE` when the pool is exhausted.
    pub(crate) fn new(machine: &Machine, image: &InstancePre<Guest>, guest: Guest) -> Result<Self> {
        let mut store = Store::new(machine.engine(), guest);
        store.limiter(|guest| guest);
        store.epoch_deadline_callback(Guest::on_epoch);
        store.set_epoch_deadline(u64::MAX / 2);
        let holder = image.instantiate(&mut store).map_err(unavailable)?;
        let memory = holder
            .get_memory(&mut store, "memory")
            .ok_or_else(|| Error::internal("an image has no memory"))?;
        let imports = machine.imports(&mut store, memory.into())?;
        let instance = Instance::new(&mut store, machine.code(), &imports).map_err(unavailable)?;
        store.data_mut().memory = Some(memory);
        let call = instance.get_typed_func(&mut store, "call").map_err(unavailable)?;
        let complete = instance.get_typed_func(&mut store, "complete").map_err(unavailable)?;
        Ok(Self { store, instance, memory, call, complete })
    }

    /// Enters the guest and stays until it hands control back. Yields once an epoch.
    pub(crate) async fn enter(&mut self, entry: Entry) -> std::result::Result<Standing, Break> {
        self.store.set_epoch_deadline(FIRST_SLICE);
        let status = match entry {
            Entry::Boot => match self.instance.get_typed_func::<(), i32>(&mut self.store, "boot") {
                Ok(boot) => boot.call_async(&mut self.store, ()).await.map(|_| 0),
                Err(error) => Err(error),
            },
            Entry::Load(source) => {
                let length = self.fill_register(source.into_bytes());
                match self.instance.get_typed_func::<u32, i32>(&mut self.store, "load") {
                    Ok(load) => load.call_async(&mut self.store, length).await.map(|_| 0),
                    Err(error) => Err(error),
                }
            }
            Entry::Call(json) => {
                let length = self.fill_register(json.into_bytes());
                self.call.call_async(&mut self.store, length).await
            }
            Entry::Complete { id, refused, answer } => {
                let length = self.fill_register(answer);
                let status = if refused { REFUSED } else { ANSWERED };
                self.complete.call_async(&mut self.store, (id, status, length)).await
            }
        };
        match status {
            Ok(0) => Ok(Standing::Finished),
            Ok(1) => Ok(Standing::Waiting),
            Ok(_) => Ok(Standing::Stuck),
            Err(error) => Err(match error.downcast_ref::<Interrupted>() {
                Some(interrupted) => Break::Interrupted(*interrupted),
                None => Break::Trapped(format!("{error:#}")),
            }),
        }
    }

    fn fill_register(&mut self, content: Vec<u8>) -> u32 {
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        self.store.data_mut().register = content;
        length
    }

    /// Linear memory as it is.
    pub(crate) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }
}

/// The engine and what became of an entry into it.
pub(crate) type Entered = (Box<Running>, std::result::Result<Standing, Break>);

/// One entry as a future that owns the engine, so that it can move between threads.
pub(crate) fn enter_owned(mut running: Box<Running>, entry: Entry) -> BoxFuture<'static, Entered> {
    Box::pin(async move {
        let standing = running.enter(entry).await;
        (running, standing)
    })
}

/// The refusal of an instance beyond the configured number.
pub(crate) fn exhausted(limit: u32) -> Error {
    let words = format!("All {limit} plugin instances of this server are in use.");
    Error::new(ErrorCode::SandboxNotAvailable, words).hint("Try again in a moment.")
}
