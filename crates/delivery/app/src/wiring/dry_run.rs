//! `registry::DryRun` over the plugin runtime.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_manifest::{Manifest, PluginCode};
use emdash_ports::runtime::PluginRuntime;
use emdash_registry::{DryRun, ModuleReport};
use emdash_types::{Error, ErrorCode, Result};

use crate::limits::preparation;

pub(crate) struct SandboxDryRun(pub(crate) Arc<dyn PluginRuntime>);

#[async_trait]
impl DryRun for SandboxDryRun {
    async fn evaluate(&self, manifest: &Manifest, code: &PluginCode) -> Result<ModuleReport> {
        let image = self.0.prepare(preparation(&manifest.label(), code.clone())).await?;
        let shape = image.entry();
        manifest.clone().merge_entry(shape).map_err(|problems| {
            Error::new(
                ErrorCode::InvalidBundle,
                format!("The module does not fit its manifest: {}.", problems.join("; ")),
            )
        })?;
        Ok(ModuleReport {
            hooks: shape.hooks.iter().map(|hook| hook.name.clone()).collect(),
            routes: shape.routes.iter().map(|route| route.name.clone()).collect(),
        })
    }
}
