#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside test functions")]

use std::sync::Arc;

use bytes::Bytes;
use emdash_manifest::Bundle;
use emdash_registry::RegistryService;
use emdash_registry::testing::{self, ScriptedDryRun};
use emdash_store::registry::{Publisher, Release};
use emdash_types::testing::ManualClock;
use emdash_types::{PluginId, Result};
use serde_json::{Value, json};

pub struct Market {
    pub registry: Arc<RegistryService>,
    pub dry_run: Arc<ScriptedDryRun>,
    pub clock: Arc<ManualClock>,
    pub ada: Publisher,
}

impl Market {
    pub async fn new() -> Self {
        let (ambient, clock) = emdash_types::testing::ambient(7);
        let (registry, dry_run) = testing::registry(ambient);
        let (ada, _) = registry.publisher_add("Ada", "ada@example.com").await.unwrap();
        Self { registry, dry_run, clock, ada }
    }

    pub async fn submit(&self, manifest: Value) -> Result<Release> {
        let id = manifest["id"].as_str().unwrap().to_owned();
        self.clock.advance_millis(1000);
        self.registry.submit(&self.ada, &id, bundle(&manifest)).await
    }
}

pub fn id(text: &str) -> PluginId {
    PluginId::parse(text).unwrap()
}

pub fn manifest(id: &str, version: &str, capabilities: &[&str]) -> Value {
    json!({
        "id": id, "version": version, "capabilities": capabilities, "allowedHosts": [],
        "storage": {}, "hooks": [], "routes": [], "admin": {},
    })
}

pub fn bundle(manifest: &Value) -> Bytes {
    bundle_with(manifest, &[])
}

pub fn bundle_with(manifest: &Value, more: &[(&str, &[u8])]) -> Bytes {
    let text = manifest.to_string();
    let files = [("manifest.json", text.as_bytes()), ("backend.js", b"export default {};".as_slice())];
    Bundle::write(files.into_iter().chain(more.iter().copied())).unwrap().into()
}
