//! The service and what it stands on.

use std::sync::Arc;

use emdash_ports::blobs::Blobs;
use emdash_store::PlatformStore;
use emdash_types::{Ambient, Error, ErrorCode, PluginId};
use serde_json::json;

use crate::DryRun;
use crate::install::InstallLimiter;

/// What the marketplace is made of.
pub struct RegistryParts {
    /// Publishers, listings, releases.
    pub store: Arc<dyn PlatformStore>,
    /// Bundles and images.
    pub blobs: Arc<dyn Blobs>,
    /// The sandbox, for trying a release out.
    pub dry_run: Arc<dyn DryRun>,
    /// Time and randomness.
    pub ambient: Ambient,
}

/// The marketplace.
pub struct RegistryService {
    pub(crate) store: Arc<dyn PlatformStore>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) dry_run: Arc<dyn DryRun>,
    pub(crate) ambient: Ambient,
    pub(crate) install_limiter: InstallLimiter,
}

impl RegistryService {
    /// Over its parts.
    #[must_use]
    pub fn new(parts: RegistryParts) -> Self {
        Self {
            store: parts.store,
            blobs: parts.blobs,
            dry_run: parts.dry_run,
            ambient: parts.ambient,
            install_limiter: InstallLimiter::default(),
        }
    }
}

/// In the words of the plugin contract §8.3.
pub(crate) fn plugin_not_found(id: &PluginId) -> Error {
    Error::new(ErrorCode::NotFound, "Plugin not found").details(json!({"pluginId": id}))
}

/// In the words of the plugin contract §8.3.
pub(crate) fn version_not_found(id: &PluginId, version: &str) -> Error {
    Error::new(ErrorCode::NoVersion, "Version not found").details(json!({"pluginId": id, "version": version}))
}
