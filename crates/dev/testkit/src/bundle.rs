//! Plugins written in the test.

use emdash_manifest::{Bundle, PluginCode};
use serde_json::{Value, json};

/// A plugin: a manifest and a module.
#[derive(Clone, Debug)]
pub struct Plugin {
    file: &'static str,
    manifest: Value,
    code: PluginCode,
}

impl Plugin {
    /// Version 1.0.0 with upstream's `manifest.json`, and no abilities.
    #[must_use]
    pub fn new(id: &str, code: &str) -> Self {
        let manifest = json!({
            "id": id, "version": "1.0.0", "capabilities": [], "allowedHosts": [],
            "storage": {}, "hooks": [], "routes": [], "admin": {},
        });
        Self { file: "manifest.json", manifest, code: PluginCode::module(code) }
    }

    /// With a `plugin.json` of `api_version` "1" (A4); it must name an `id`.
    #[must_use]
    pub fn from_plugin_json(manifest: Value, code: &str) -> Self {
        Self { file: "plugin.json", manifest, code: PluginCode::module(code) }
    }

    /// With other code; a component is the file `plugin.wasm`, which the manifest has to name.
    #[must_use]
    pub fn running(self, code: PluginCode) -> Self {
        Self { code, ..self }
    }

    /// Sets a member of the manifest.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.manifest[key] = value;
        self
    }

    /// Another version.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        self.with("version", json!(version))
    }

    /// Declares hooks.
    #[must_use]
    pub fn hooks(self, hooks: &[&str]) -> Self {
        self.with("hooks", json!(hooks))
    }

    /// Declares routes.
    #[must_use]
    pub fn routes(self, routes: &[&str]) -> Self {
        self.with("routes", json!(routes))
    }

    /// Asks for capabilities.
    #[must_use]
    pub fn capabilities(self, capabilities: &[&str]) -> Self {
        self.with("capabilities", json!(capabilities))
    }

    /// Its id.
    ///
    /// # Panics
    /// When the manifest has none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.manifest["id"].as_str().expect("the manifest has an id")
    }

    /// The release as it travels.
    ///
    /// # Panics
    /// Never: both paths may be in a bundle.
    #[must_use]
    pub fn bundle(&self) -> Vec<u8> {
        let manifest = self.manifest.to_string();
        let file = match &self.code {
            PluginCode::Module(_) => "backend.js",
            PluginCode::Component(_) => "plugin.wasm",
        };
        Bundle::write([(self.file, manifest.as_bytes()), (file, self.code.bytes())])
            .expect("the files can be bundled")
    }
}
