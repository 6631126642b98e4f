//! The marketplace of this process.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_blobs::FolderBlobs;
use emdash_manifest::{Manifest, PluginCode};
use emdash_ports::runtime::PluginRuntime;
use emdash_registry::{DryRun, ModuleReport, RegistryParts, RegistryService};
use emdash_store::PlatformStore;
use emdash_types::{Ambient, Error, ErrorCode, Result};

use crate::DataDir;
use crate::stores::open_platform;
use crate::wiring::SandboxDryRun;

/// The registry over a data directory; without a sandbox it can list, but not take releases.
///
/// # Errors
/// When the database or the blobs cannot be opened.
pub(crate) fn registry(
    data: &DataDir,
    ambient: Ambient,
    runtime: Option<Arc<dyn PluginRuntime>>,
) -> Result<RegistryService> {
    assemble(open_platform(data)?, data, ambient, runtime)
}

/// The registry over an open database.
///
/// # Errors
/// When the blobs cannot be opened.
pub(crate) fn assemble(
    store: Arc<dyn PlatformStore>,
    data: &DataDir,
    ambient: Ambient,
    runtime: Option<Arc<dyn PluginRuntime>>,
) -> Result<RegistryService> {
    let dry_run: Arc<dyn DryRun> = match runtime {
        Some(runtime) => Arc::new(SandboxDryRun(runtime)),
        None => Arc::new(NoSandbox),
    };
    let blobs = Arc::new(FolderBlobs::new(data.platform_blobs())?);
    Ok(RegistryService::new(RegistryParts { store, blobs, dry_run, ambient }))
}

struct NoSandbox;

#[async_trait]
impl DryRun for NoSandbox {
    async fn evaluate(&self, _: &Manifest, _: &PluginCode) -> Result<ModuleReport> {
        Err(Error::new(ErrorCode::SandboxNotAvailable, "Releases are taken by a running marketplace only."))
    }
}
