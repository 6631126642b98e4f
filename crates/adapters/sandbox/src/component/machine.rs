//! Wasmtime as it runs components, and components compiled once.

use std::sync::Arc;

use emdash_types::Result;
use sha2::{Digest, Sha256};
use wasmparser::{Parser, Payload};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::guest::Guest;
use super::wasi;
use super::world::{Plugin, PluginPre};
use crate::artifact::hex;
use crate::cache::Cache;
use crate::machine::{PREPARE_SLOTS, compatibility, unavailable};

/// Wasm stack; whoever needs more traps.
const WASM_STACK_BYTES: usize = 1 << 20;
/// Stack of a fiber: the Wasm stack and room for the host functions above it.
const FIBER_STACK_BYTES: usize = WASM_STACK_BYTES + (512 << 10);
/// How much of a used memory slot is wiped rather than unmapped.
const KEEP_RESIDENT_BYTES: usize = 2 << 20;
/// Core instances, tables and memories of one component: what `wit-component` makes of a module and an adapter.
const CORE_INSTANCES: u32 = 8;
const TABLES: u32 = 4;
const MEMORIES: u32 = 1;
/// Elements of a table: functions a component may point to.
const TABLE_ELEMENTS: usize = 20_000;
/// The longest function: the compiler's time grows faster than a function does.
const FUNCTION_BYTES: usize = 256 << 10;
/// Begins the name of every compiled component.
const PREFIX: &str = "component-";
/// Compiled components that are kept, in bytes; the oldest go first.
const KEPT_BYTES: u64 = 512 << 20;

/// What components share.
pub(crate) struct ComponentMachine {
    engine: Engine,
    linker: Linker<Guest>,
    cache: Arc<Cache>,
}

fn engine(max_instances: u32, max_memory_bytes: usize) -> Result<Engine> {
    let slots = max_instances + PREPARE_SLOTS;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * CORE_INSTANCES)
        .total_memories(slots * MEMORIES)
        .total_tables(slots * TABLES)
        .total_stacks(slots)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(max_memory_bytes)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .cranelift_opt_level(OptLevel::Speed)
        // A component of a stranger is compiled on one thread, not on all.
        .parallel_compilation(false)
        .memory_init_cow(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .wasm_memory64(false)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    Engine::new(&config).map_err(unavailable)
}

/// Loads code this program compiled and cached earlier.
#[expect(unsafe_code, reason = "wasmtime cannot verify native code; the cache directory is ours alone")]
fn deserialize(engine: &Engine, compiled: &[u8]) -> Option<Component> {
    // SAFETY: the bytes were written by `compile` below under a name that holds the hash of the component's source
    // and of wasmtime's version and settings, into a directory only we may write to, and their SHA-256 was
    // checked (`Cache`). Wasmtime checks version and settings once more. Nothing a bundle carries comes here.
    unsafe { Component::deserialize(engine, compiled) }.ok()
}

impl ComponentMachine {
    pub(crate) fn new(cache: Arc<Cache>, max_instances: u32, max_memory_bytes: usize) -> Result<Self> {
        let engine = engine(max_instances, max_memory_bytes)?;
        let mut linker = Linker::new(&engine);
        Plugin::add_to_linker::<Guest, HasSelf<Guest>>(&mut linker, |guest| guest).map_err(unavailable)?;
        Ok(Self { engine, linker, cache })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Compiles a component and binds it to the host. Takes long for a large one: call it where that harms nobody.
    ///
    /// # Errors
    /// Words for its author.
    pub(super) fn load(&self, component: &[u8]) -> std::result::Result<PluginPre<Guest>, String> {
        let component = self.compile(component)?;
        let mut linker = self.linker.clone();
        wasi::define(&mut linker, &self.engine, &component).map_err(|error| format!("{error:#}"))?;
        let bound = linker.instantiate_pre(&component).and_then(PluginPre::new);
        bound.map_err(|error| format!("it does not fit the world emdash:plugin: {error:#}"))
    }

    fn compile(&self, component: &[u8]) -> std::result::Result<Component, String> {
        let hash = hex(&Sha256::digest(component));
        let name = format!("{PREFIX}{hash}-{}", compatibility(&self.engine));
        if let Some(found) = self.cache.load(&name).and_then(|code| deserialize(&self.engine, &code)) {
            return Ok(found);
        }
        check(component)?;
        let compiled =
            Component::from_binary(&self.engine, component).map_err(|error| format!("{error:#}"))?;
        match compiled.serialize() {
            Ok(code) => self.cache.store_within(&name, &code, PREFIX, KEPT_BYTES),
            Err(error) => tracing::warn!(%error, "a compiled component cannot be kept"),
        }
        Ok(compiled)
    }
}

/// What the compiler would take too long for.
fn check(component: &[u8]) -> std::result::Result<(), String> {
    if !Parser::is_component(component) {
        return Err("it is no Wasm component (`emdash plugin bundle` makes one of a core module)".to_owned());
    }
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::CodeSectionEntry(body) = payload.map_err(|error| error.to_string())? {
            let bytes = body.range().len();
            if bytes > FUNCTION_BYTES {
                return Err(format!(
                    "one of its functions has {bytes} bytes of code; at most {FUNCTION_BYTES} are compiled"
                ));
            }
        }
    }
    Ok(())
}
