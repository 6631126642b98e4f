//! The plugin engine of this process.

use std::sync::Arc;

use emdash_sandbox::{SandboxConfig, SandboxRuntime};
use emdash_types::{Error, Result};

use crate::{DataDir, ambient};

/// Instances alive at once; each waiting request with plugins holds some.
const INSTANCES: u32 = 256;
/// Largest memory budget a manifest may ask for, bytes.
const MEMORY: usize = 256 * 1024 * 1024;

/// The engine of a server, with its compiled form kept in the data directory.
///
/// # Errors
/// `SANDBOX_NOT_AVAILABLE`.
pub(crate) fn sandbox(data: &DataDir) -> Result<Arc<SandboxRuntime>> {
    start(data.engine_cache(), INSTANCES)
}

/// An engine for one command, with a cache of the user's own.
///
/// # Errors
/// `SANDBOX_NOT_AVAILABLE`.
pub(crate) fn temporary_sandbox() -> Result<Arc<SandboxRuntime>> {
    let cache = user_cache();
    std::fs::create_dir_all(&cache).map_err(Error::internal)?;
    start(cache, 4)
}

fn start(cache_dir: std::path::PathBuf, max_instances: u32) -> Result<Arc<SandboxRuntime>> {
    let guest_threads = std::thread::available_parallelism().map_or(2, usize::from);
    let ambient = ambient::system();
    SandboxRuntime::new(SandboxConfig {
        ambient,
        cache_dir,
        max_instances,
        max_memory_bytes: MEMORY,
        guest_threads,
    })
}

/// `$XDG_CACHE_HOME/emdash`, else `~/.cache/emdash`.
#[expect(
    clippy::disallowed_methods,
    reason = "where a user's caches belong is known by the environment alone"
)]
fn user_cache() -> std::path::PathBuf {
    let own = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| std::path::PathBuf::from(home).join(".cache"));
    own.or_else(home).unwrap_or_else(std::env::temp_dir).join("emdash")
}
