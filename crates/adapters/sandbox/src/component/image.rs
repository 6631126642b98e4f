//! A component made ready: compiled, bound to the host, and asked for its hooks and routes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use emdash_ports::runtime::{
    EntryShape, GuestContext, GuestStop, HostCalls, InstanceLimits, PluginImage, PluginInstance, PluginSource,
};
use emdash_types::{Error, ErrorCode, Result};
use futures::channel::mpsc;
use tokio::time::Instant;

use super::guest::Guest;
use super::instance::ComponentInstance;
use super::running::Running;
use super::world::PluginPre;
use crate::guest::Budget;
use crate::runtime::{EVALUATION_WALL, Shared, Slot, failed};

/// A component, ready to be instantiated.
pub(crate) struct ComponentImage {
    shared: Arc<Shared>,
    pre: Arc<PluginPre<Guest>>,
    entry: EntryShape,
    code_bytes: usize,
}

impl ComponentImage {
    /// Compiles a component, or takes it from the cache, and asks it for its shape.
    ///
    /// # Errors
    /// `PLUGIN_START_FAILED` with the compiler's words, or the limit it ran into.
    pub(crate) async fn prepare(
        shared: &Arc<Shared>,
        source: &PluginSource,
        component: Arc<[u8]>,
    ) -> Result<Self> {
        let _slot = shared.preparing.acquire().await.map_err(Error::internal)?;
        let code_bytes = component.len();
        let machine = Arc::clone(shared);
        let compiling = shared.threads.spawn_blocking(move || machine.components.load(&component));
        let pre = compiling.await.map_err(Error::internal)?;
        let pre = Arc::new(pre.map_err(|what| failed(source, &what))?);
        let mut image = Self { shared: Arc::clone(shared), pre, entry: EntryShape::default(), code_bytes };
        let mut instance = image.start(None, &GuestContext::default(), None, source.limits);
        let shape = instance.describe(source.cpu, EVALUATION_WALL).await;
        image.entry = shape.map_err(|stop| not_described(source, &stop))?;
        Ok(image)
    }

    fn start(
        &self,
        slot: Option<Slot>,
        context: &GuestContext,
        host: Option<Arc<dyn HostCalls>>,
        limits: InstanceLimits,
    ) -> ComponentInstance {
        let (operations, started) = mpsc::unbounded();
        let guest = Guest {
            ambient: self.shared.ambient.clone(),
            context: context.clone(),
            host,
            limits,
            budget: Budget { cpu: Duration::ZERO, deadline: Instant::now() },
            meter: Arc::default(),
            waiting: Arc::new(AtomicBool::new(false)),
            resumed: false,
            operations,
            open: 0,
            host_calls: 0,
            memory_bytes: 0,
            memory_limit_hit: false,
            unfinished_lines: Default::default(),
        };
        let running = Running::new(&self.shared.components, Arc::clone(&self.pre), guest, slot);
        ComponentInstance::new(Arc::clone(&self.shared), running, started)
    }
}

fn not_described(source: &PluginSource, stop: &GuestStop) -> Error {
    let words = match stop {
        GuestStop::CpuLimit { limit, .. } => {
            format!("it used more than its {} ms of CPU time to describe itself.", limit.as_millis())
        }
        GuestStop::MemoryLimit { limit } => format!("it needs more than its {} MiB of memory.", limit >> 20),
        GuestStop::Forbidden { what } => format!("it called {what}, which plugins do not have."),
        GuestStop::OutputInvalid { reason } => format!("{reason}."),
        GuestStop::TimeLimit { .. } => "the server had no time for it.".to_owned(),
        GuestStop::NeverSettles | GuestStop::Crashed { .. } => "it crashed.".to_owned(),
    };
    failed(source, &words).caused_by(format!("{stop:?}"))
}

impl PluginImage for ComponentImage {
    fn entry(&self) -> &EntryShape {
        &self.entry
    }

    fn image_bytes(&self) -> usize {
        self.code_bytes
    }

    fn instantiate(
        &self,
        context: &GuestContext,
        host: Arc<dyn HostCalls>,
        limits: InstanceLimits,
    ) -> Result<Box<dyn PluginInstance>> {
        let slot = Slot::take(&self.shared)?;
        Ok(Box::new(self.start(Some(slot), context, Some(host), limits)))
    }
}

/// The refusal of a component where only a module makes sense.
pub(crate) fn no_package() -> Error {
    Error::new(ErrorCode::InvalidBundle, "A component does not describe a package; it needs a manifest.")
}
