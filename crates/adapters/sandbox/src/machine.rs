//! Wasmtime, configured; the engine's code compiled once; the base image.

use std::sync::Arc;

use emdash_types::{Error, ErrorCode, Result};
use wasmtime::{
    Config, Enabled, Engine, Extern, InstanceAllocationStrategy, InstancePre, Linker, Module, OptLevel,
    PoolingAllocationConfig, Store,
};

use crate::artifact::{self, Parts};
use crate::cache::{self, Cache};
use crate::guest::Guest;
use crate::image::{self, ImageModule};
use crate::imports;

/// Wasm stack; the engine's own limit (STACK_LIMIT in engine.c) is reached first, as a RangeError.
const WASM_STACK_BYTES: usize = 8 << 20;
/// Stack of a fiber: the Wasm stack and room for the host functions above it.
const FIBER_STACK_BYTES: usize = WASM_STACK_BYTES + (512 << 10);
/// How much of a used memory slot is wiped rather than unmapped: more than a usual heap.
const KEEP_RESIDENT_BYTES: usize = 8 << 20;
/// Instances set aside for evaluating modules.
pub(crate) const PREPARE_SLOTS: u32 = 4;

/// Everything instances share.
pub(crate) struct Machine {
    engine: Engine,
    code: Module,
    linker: Linker<Guest>,
    /// Where the engine's stack ends and its data begins.
    pub(crate) stack_top: usize,
}

fn engine(max_instances: u32, max_memory_bytes: usize) -> Result<Engine> {
    let slots = max_instances + PREPARE_SLOTS;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(slots * 2)
        .total_memories(slots)
        .total_tables(slots)
        .total_stacks(slots)
        .max_memory_size(max_memory_bytes)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .cranelift_opt_level(OptLevel::Speed)
        .memory_init_cow(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    Engine::new(&config).map_err(unavailable)
}

/// A fault of the machinery, for whoever wanted to run something.
pub(crate) fn unavailable(cause: wasmtime::Error) -> Error {
    let words = format!("The plugin engine cannot be used: {cause:#}");
    Error::new(ErrorCode::SandboxNotAvailable, words)
}

/// Loads code this program compiled and cached earlier.
#[expect(unsafe_code, reason = "wasmtime cannot verify native code; the cache directory is ours alone")]
fn deserialize(engine: &Engine, compiled: &[u8]) -> Option<Module> {
    // SAFETY: the bytes were written by `compile` below under a name that holds the hash of the engine's source
    // and of wasmtime's version and settings, into a directory only we may write to, and their SHA-256 was
    // checked (`Cache`). Wasmtime checks version and settings once more.
    unsafe { Module::deserialize(engine, compiled) }.ok()
}

fn compile(engine: &Engine, code: &[u8], cache: &Cache, name: &str) -> Result<Module> {
    if let Some(module) = cache.load(name).and_then(|compiled| deserialize(engine, &compiled)) {
        return Ok(module);
    }
    let module = Module::new(engine, code).map_err(unavailable)?;
    cache.store_engine(name, &module.serialize().map_err(unavailable)?);
    Ok(module)
}

/// Names wasmtime's version, the settings and the machine.
pub(crate) fn compatibility(engine: &Engine) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

impl Machine {
    /// Compiles the engine, or loads it from the cache.
    pub(crate) fn new(
        cache: Arc<Cache>,
        max_instances: u32,
        max_memory_bytes: usize,
    ) -> Result<(Self, BaseImage)> {
        let engine = engine(max_instances, max_memory_bytes)?;
        let parts = Parts::read()?;
        let key = format!("{}{}-{}", cache::PREFIX, artifact::fingerprint(), compatibility(&engine));
        let code = compile(&engine, &parts.code, &cache, &format!("{key}.code"))?;
        let mut linker = Linker::new(&engine);
        imports::define(&mut linker).map_err(unavailable)?;
        let machine = Self { engine, code, linker, stack_top: parts.stack_top };
        let base = BaseImage { cache, name: format!("{key}.base"), parts };
        Ok((machine, base))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Makes an image instantiable.
    pub(crate) fn load_image(&self, image: &[u8]) -> Result<InstancePre<Guest>> {
        let module = Module::new(&self.engine, image).map_err(unavailable)?;
        self.linker.instantiate_pre(&module).map_err(unavailable)
    }

    /// The code's imports, in its order, for one store.
    pub(crate) fn imports(&self, store: &mut Store<Guest>, memory: Extern) -> Result<Vec<Extern>> {
        let mut imports = Vec::with_capacity(16);
        for import in self.code.imports() {
            imports.push(match import.name() {
                "memory" => memory.clone(),
                name => self.linker.get(&mut *store, imports::MODULE, name).map_err(unavailable)?,
            });
        }
        Ok(imports)
    }

    pub(crate) fn code(&self) -> &Module {
        &self.code
    }
}

/// The image of an engine that has evaluated the prelude and no plugin yet.
pub(crate) struct BaseImage {
    cache: Arc<Cache>,
    name: String,
    parts: Parts,
}

impl BaseImage {
    /// The image made by an earlier start.
    pub(crate) fn cached(&self) -> Option<Vec<u8>> {
        self.cache.load(&self.name)
    }

    /// The memory an engine boots in.
    pub(crate) fn empty(&self) -> ImageModule {
        image::encode(self.parts.pages, self.parts.data.iter().copied())
    }

    /// Keeps the image for the next start.
    pub(crate) fn keep(&self, image: &[u8]) {
        self.cache.store_engine(&self.name, image);
    }
}
