//! A site with plugins in the making.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use emdash_blobs::FolderBlobs;
use emdash_manifest::Bundle;
use emdash_plugin_data::SqlitePluginData;
use emdash_plugins::{
    BeforeSave, Consent, PluginHost, PluginHostParts, RouteAccess, RouteReply, RouteRequest, SiteFacts,
};
use emdash_ports::blobs::Blobs;
use emdash_store::SiteStore;
use emdash_store::plugins::Violation;
use emdash_store_sqlite::SqliteSiteStore;
use emdash_types::testing::{ManualClock, ambient};
use emdash_types::{Caller, Clock, JsonMap, PluginId, Result, Role, Scope, Timestamp, UserCaller};
use emdash_vault::KeyFileVault;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scripted::{Nobody, OneEntry, Script, ScriptedHttp, ScriptedRuntime, Settings};

pub const MARKETPLACE: &str = "https://market.example.com/sub/";

pub struct Fixture {
    pub host: PluginHost,
    pub runtime: Arc<ScriptedRuntime>,
    pub http: Arc<ScriptedHttp>,
    pub store: Arc<dyn SiteStore>,
    pub settings: Arc<Settings>,
    pub data: Arc<SqlitePluginData>,
    pub clock: Arc<ManualClock>,
    pub directory: TempDir,
}

pub fn fixture() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Arc::new(ScriptedRuntime::default());
    let http = Arc::new(ScriptedHttp::default());
    let store: Arc<dyn SiteStore> = SqliteSiteStore::open(&directory.path().join("site.db")).unwrap();
    let (ambient, clock) = ambient(7);
    let settings = Arc::new(Settings(Mutex::new(SiteFacts {
        name: "Site".into(),
        url: "https://site.example.com/".into(),
        locale: "en".into(),
        trailing_slash: "never",
    })));
    let data = Arc::new(SqlitePluginData::new(directory.path().join("plugins"), ambient.clone()));
    let parts = PluginHostParts {
        runtime: Arc::clone(&runtime) as _,
        store: Arc::clone(&store),
        data: Arc::clone(&data) as _,
        vault: Arc::new(KeyFileVault::open(&directory.path().join("secret.key"), ambient.clone()).unwrap()),
        http: Arc::clone(&http) as _,
        blobs: Arc::new(FolderBlobs::new(directory.path().join("blobs")).unwrap()) as Arc<dyn Blobs>,
        content: Arc::new(OneEntry),
        marketplace: Some(MARKETPLACE.parse().unwrap()),
        ambient,
        users: Arc::new(Nobody),
        site: Arc::clone(&settings) as _,
        development: true,
    };
    Fixture { host: PluginHost::new(parts), runtime, http, store, settings, data, clock, directory }
}

/// The least a bundle's manifest says.
pub fn manifest(id: &str) -> Value {
    json!({"id": id, "version": "1.0.0", "capabilities": [], "allowedHosts": [], "storage": {}, "hooks": [],
        "routes": [], "admin": {}})
}

pub fn with(mut manifest: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { unreachable!() };
    for (key, value) in changes {
        manifest[key] = value;
    }
    manifest
}

pub fn bundle(file: &str, manifest: &Value, code: &str) -> Bytes {
    let manifest = manifest.to_string();
    Bundle::write([(file, manifest.as_bytes()), ("backend.js", code.as_bytes())]).unwrap().into()
}

pub fn id(text: &str) -> PluginId {
    PluginId::parse(text).unwrap()
}

pub fn admin() -> Caller {
    Caller::User(UserCaller { id: "admin".into(), role: Role::Admin, scopes: None })
}

pub fn token() -> Caller {
    Caller::User(UserCaller { id: "admin".into(), role: Role::Admin, scopes: Some(vec![Scope::Admin]) })
}

impl Fixture {
    /// A bundle whose module the sandbox knows.
    pub fn bundle(&self, manifest: &Value, script: Script) -> Bytes {
        let code = format!("export default {}", manifest["id"]);
        self.runtime.know(&code, script);
        bundle("manifest.json", manifest, &code)
    }

    pub async fn install(&self, manifest: &Value, script: Script) {
        let bundle = self.bundle(manifest, script);
        self.host.install_bundle(&Caller::System, bundle, Consent::Everything).await.unwrap();
        self.clock.advance_millis(1);
    }

    /// Who may call a route.
    pub fn access(&self, plugin: &PluginId, route: &str) -> Option<RouteAccess> {
        self.host.route(plugin, route).map(|found| found.access().clone())
    }

    /// Calls a route with nothing in particular.
    pub async fn call(&self, plugin: &str, route: &str) -> Result<RouteReply> {
        self.host.route(&id(plugin), route).unwrap().call(RouteRequest::default()).await
    }

    pub fn now(&self) -> Timestamp {
        Clock::now(&*self.clock)
    }

    pub async fn violations(&self) -> Vec<Violation> {
        self.host.violations(&Caller::System, None, 100).await.unwrap()
    }

    /// What is kept for plugins on disk.
    pub fn kept(&self) -> Vec<String> {
        let mut kept = Vec::new();
        let mut folders: Vec<PathBuf> =
            ["plugins", "blobs"].map(|name| self.directory.path().join(name)).into();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    kept.push(path.strip_prefix(self.directory.path()).unwrap().display().to_string());
                }
            }
        }
        kept.sort();
        kept
    }
}

pub fn save(content: Value) -> BeforeSave {
    let Value::Object(content) = content else { unreachable!() };
    BeforeSave { collection: emdash_types::CollectionName::parse("posts").unwrap(), id: None, content }
}

pub fn update(content: Value) -> BeforeSave {
    BeforeSave { id: Some("1".into()), ..save(content) }
}

pub fn map(value: Value) -> JsonMap {
    let Value::Object(map) = value else { unreachable!() };
    map
}
