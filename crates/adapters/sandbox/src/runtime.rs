//! The sandbox itself: prepares modules and hands out instances.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use emdash_ports::recording::{Recording, Replay, ReplayReport};
use emdash_ports::runtime::{
    EntryShape, GuestContext, GuestException, HostCall, HostCallProgress, HostCalls, InstanceLimits,
    PluginCode, PluginImage, PluginInstance, PluginRuntime, PluginSource,
};
use emdash_types::{Ambient, Error, ErrorCode, Result};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use wasmtime::InstancePre;

use crate::artifact;
use crate::cache::Cache;
use crate::component::{ComponentImage, ComponentMachine, no_package};
use crate::guest::{Budget, Finish, FinishKind, Guest, Interrupted, Purpose};
use crate::image::{self, ImageModule};
use crate::instance::Instance;
use crate::machine::{BaseImage, Machine, PREPARE_SLOTS};
use crate::replay;
use crate::running::{Break, Entry, Running, exhausted};
use crate::threads::{self, Threads};
use crate::ticker::{Ticker, TickerHandle};

/// What the sandbox needs to know.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Clock and randomness of the guests.
    pub ambient: Ambient,
    /// Where compiled code is kept; created with mode 0700 and refused if others may write to it.
    pub cache_dir: PathBuf,
    /// Instances that may be alive at once.
    pub max_instances: u32,
    /// The largest memory budget any instance is given, in bytes.
    pub max_memory_bytes: usize,
    /// Threads for guests that compute longer than a millisecond or two.
    pub guest_threads: usize,
}

/// What every instance needs.
pub(crate) struct Shared {
    machine: Machine,
    pub(crate) components: ComponentMachine,
    engine_id: String,
    pub(crate) ambient: Ambient,
    pub(crate) ticker: TickerHandle,
    pub(crate) threads: Handle,
    max_instances: u32,
    live: AtomicU32,
    pub(crate) preparing: Semaphore,
    // Dropped last, so that nothing above outlives its threads.
    _ticker: Ticker,
    _threads: Threads,
}

/// Plugins in QuickJS, compiled to Wasm.
pub struct SandboxRuntime {
    shared: Arc<Shared>,
    base: InstancePre<Guest>,
}

/// The engine could not be brought up at all.
fn broken(what: String) -> Error {
    Error::new(ErrorCode::SandboxNotAvailable, format!("The plugin engine does not start: {what}"))
}

/// Boots an engine, evaluates the prelude and images the result.
fn boot(machine: &Machine, base: &BaseImage, ambient: &Ambient) -> Result<Vec<u8>> {
    let unlimited =
        InstanceLimits { memory_bytes: usize::MAX, pending_operations: 0, payload_bytes: usize::MAX };
    let empty = machine.load_image(&base.empty().wasm)?;
    let mut running = Running::new(machine, &empty, Guest::new(ambient.clone(), Purpose::Boot, unlimited))?;
    let hour = Duration::from_secs(3600);
    running.store.data_mut().budget = Budget { cpu: hour, deadline: Instant::now() + hour };
    let standing = futures::executor::block_on(running.enter(Entry::Boot));
    if let Some(finish) = running.store.data_mut().finish.take() {
        return Err(broken(finish.text));
    }
    standing.map_err(|reason| broken(format!("{reason:?}")))?;
    Ok(image::snapshot(running.memory(), machine.stack_top).wasm)
}

impl SandboxRuntime {
    /// Brings the engine up: from the cache in milliseconds, else by compiling it, which takes seconds.
    ///
    /// # Errors
    /// `SANDBOX_NOT_AVAILABLE` when the machine cannot run it or the cache directory is not safe.
    pub fn new(config: SandboxConfig) -> Result<Arc<Self>> {
        let SandboxConfig { max_instances, max_memory_bytes, .. } = config;
        let cache = Arc::new(Cache::open(&config.cache_dir)?);
        let (machine, base_image) = Machine::new(Arc::clone(&cache), max_instances, max_memory_bytes)?;
        let components = ComponentMachine::new(cache, max_instances, max_memory_bytes)?;
        let image = match base_image.cached() {
            Some(image) => image,
            None => {
                let image = boot(&machine, &base_image, &config.ambient)?;
                base_image.keep(&image);
                image
            }
        };
        let base = machine.load_image(&image)?;
        let ticker = Ticker::start(vec![machine.engine().clone(), components.engine().clone()])?;
        let guest_threads = Threads::start(config.guest_threads)?;
        let shared = Shared {
            engine_id: artifact::fingerprint(),
            ambient: config.ambient,
            ticker: ticker.handle(),
            threads: guest_threads.handle(),
            max_instances,
            live: AtomicU32::new(0),
            preparing: Semaphore::new(PREPARE_SLOTS as usize),
            machine,
            components,
            _ticker: ticker,
            _threads: guest_threads,
        };
        Ok(Arc::new(Self { shared: Arc::new(shared), base }))
    }

    /// Evaluates a module in a fresh engine.
    async fn evaluate(&self, source: &PluginSource, code: &str) -> Result<(Box<Running>, EntryShape)> {
        let _slot = self.shared.preparing.acquire().await.map_err(Error::internal)?;
        let mut guest = Guest::new(self.shared.ambient.clone(), Purpose::Evaluate, source.limits);
        // The CPU budget bounds it: evaluation waits for nothing, it only shares the guest threads.
        guest.budget = Budget { cpu: source.cpu, deadline: Instant::now() + EVALUATION_WALL };
        let running = Box::new(Running::new(&self.shared.machine, &self.base, guest)?);
        let entry = Entry::Load(code.to_owned());
        let entered = threads::enter(running, entry, &self.shared.ticker, &self.shared.threads).await;
        let Some((mut running, standing)) = entered else {
            return Err(Error::new(ErrorCode::NotReady, "The server is stopping."));
        };
        standing.map_err(|reason| not_evaluated(source, &reason))?;
        let finish = running.store.data_mut().finish.take();
        let shape = read_shape(source, finish, running.store.data().memory_limit_hit)?;
        Ok((running, shape))
    }

    async fn image(&self, source: &PluginSource, code: &str) -> Result<Image> {
        let (running, entry) = self.evaluate(source, code).await?;
        let shared = Arc::clone(&self.shared);
        let make = move || {
            let ImageModule { wasm, data_bytes } =
                image::snapshot(running.memory(), shared.machine.stack_top);
            drop(running);
            let image = shared.machine.load_image(&wasm)?;
            Ok(Image { shared, image, entry, data_bytes })
        };
        self.shared.threads.spawn_blocking(make).await.map_err(Error::internal)?
    }
}

/// Evaluation ends by its CPU budget; this only bounds its wait for a turn on the guest threads.
pub(crate) const EVALUATION_WALL: Duration = Duration::from_secs(60);

pub(crate) fn failed(source: &PluginSource, what: &str) -> Error {
    Error::new(
        ErrorCode::PluginStartFailed,
        format!("The {} of {} could not be evaluated: {what}", source.code.kind(), source.label),
    )
}

fn not_evaluated(source: &PluginSource, reason: &Break) -> Error {
    match reason {
        Break::Interrupted(Interrupted::Cpu) => failed(
            source,
            &format!(
                "it used more than its {} ms of CPU time. Move work from the top level into hooks and routes.",
                source.cpu.as_millis()
            ),
        ),
        Break::Interrupted(Interrupted::Wall) => failed(source, "the server had no time for it."),
        Break::Trapped(trap) => failed(source, "the engine gave up.").caused_by(trap.clone()),
    }
}

fn read_shape(source: &PluginSource, finish: Option<Finish>, short_of_memory: bool) -> Result<EntryShape> {
    let memory = || {
        let limit = source.limits.memory_bytes >> 20;
        failed(source, &format!("it needs more than its {limit} MiB of memory."))
    };
    let Some(Finish { kind, text }) = finish else {
        return Err(if short_of_memory { memory() } else { failed(source, "it reported nothing.") });
    };
    if kind == FinishKind::Value {
        return serde_json::from_str(&text).map_err(|error| failed(source, &error.to_string()));
    }
    if short_of_memory {
        return Err(memory());
    }
    let thrown: GuestException = serde_json::from_str(&text)
        .unwrap_or_else(|_| GuestException { message: text.clone(), ..GuestException::default() });
    let place =
        thrown.stack.as_deref().and_then(|stack| stack.lines().next()).map(str::trim).unwrap_or_default();
    let words = format!("{}: {} {place}", thrown.name, thrown.message);
    Err(failed(source, words.trim_end()).details(serde_json::json!({"exception": thrown})))
}

/// A plugin's module, evaluated and imaged.
struct Image {
    shared: Arc<Shared>,
    image: InstancePre<Guest>,
    entry: EntryShape,
    data_bytes: usize,
}

/// One of the configured number of instances; given back when dropped.
pub(crate) struct Slot(Arc<Shared>);

impl Slot {
    pub(crate) fn take(shared: &Arc<Shared>) -> Result<Self> {
        let slot = Self(Arc::clone(shared));
        if shared.live.fetch_add(1, Ordering::Relaxed) < shared.max_instances {
            return Ok(slot);
        }
        Err(exhausted(shared.max_instances))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The engine's identity, for recordings.
    pub(crate) fn engine_id(&self) -> &str {
        &self.engine_id
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Image {
    fn start(
        &self,
        context: &GuestContext,
        host: Arc<dyn HostCalls>,
        limits: InstanceLimits,
    ) -> Result<Instance> {
        let slot = Slot::take(&self.shared)?;
        let guest = Guest::new(self.shared.ambient.clone(), Purpose::Serve(host), limits);
        let running = Running::new(&self.shared.machine, &self.image, guest)?;
        Ok(Instance::new(slot, Box::new(running), context))
    }
}

impl PluginImage for Image {
    fn entry(&self) -> &EntryShape {
        &self.entry
    }

    fn image_bytes(&self) -> usize {
        self.data_bytes
    }

    fn replay(&self) -> Option<&dyn Replay> {
        Some(self)
    }

    fn instantiate(
        &self,
        context: &GuestContext,
        host: Arc<dyn HostCalls>,
        limits: InstanceLimits,
    ) -> Result<Box<dyn PluginInstance>> {
        Ok(Box::new(self.start(context, host, limits)?))
    }
}

#[async_trait]
impl Replay for Image {
    async fn replay(&self, recording: Arc<Recording>) -> Result<ReplayReport> {
        let instance = self.start(&recording.context, Arc::new(NoHost), recording.limits)?;
        replay::play(instance, recording, self.shared.engine_id()).await
    }
}

/// The host of a module that only describes itself, or is played from a recording.
struct NoHost;

impl HostCalls for NoHost {
    fn start(&self, call: HostCall) -> HostCallProgress {
        let words = format!("{} is not available while a plugin describes itself.", call.name);
        HostCallProgress::Ready(Err(Error::new(ErrorCode::InvalidState, words)))
    }
}

#[async_trait]
impl PluginRuntime for SandboxRuntime {
    async fn prepare(&self, source: PluginSource) -> Result<Arc<dyn PluginImage>> {
        match &source.code {
            PluginCode::Module(code) => Ok(Arc::new(self.image(&source, code).await?)),
            PluginCode::Component(component) => {
                let component = Arc::clone(component);
                Ok(Arc::new(ComponentImage::prepare(&self.shared, &source, component).await?))
            }
        }
    }

    async fn describe(&self, source: PluginSource) -> Result<Value> {
        let PluginCode::Module(code) = &source.code else { return Err(no_package()) };
        let image = self.image(&source, code).await?;
        let mut instance = image.start(&GuestContext::default(), Arc::new(NoHost), source.limits)?;
        instance.describe(source.cpu, EVALUATION_WALL).await.map_err(|what| failed(&source, &what))
    }
}
