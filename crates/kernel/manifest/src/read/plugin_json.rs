//! `plugin.json` with `api_version` "1" (A4–A8).
//!
//! ```json
//! {
//!   "name": "Auto Blog", "version": "1.0.0", "api_version": "1",
//!   "hooks": { "content:before_save": "transform_content" },
//!   "sandbox": { "allowed_hosts": ["api.openai.com"], "max_cpu_ms": 500, "max_memory_mb": 64 }
//! }
//! ```
//!
//! Beside these: `id` (else made from the name), `description`, `license`, `keywords`, `repository_url`,
//! `homepage_url`, `changelog`, `min_host_version`, `capabilities`, `storage`, `database`, `routes`, `admin`,
//! `runtime.wasm` (C36), `sandbox.max_network_calls`. What a hook or a host list needs is granted with it, as this
//! form has no other word for it. A failing hook always aborts (ruling 14). Keys are in snake case; unknown ones are refused.

use std::time::Duration;

use emdash_types::PluginId;

use super::source::{Fields, Node};
use super::{access, admin, parts, routes};
use crate::{Budgets, Capability, Hook, HookDeclaration, HostPattern, Manifest, ManifestForm};

const MAX_HANDLER: usize = 128;

pub(super) fn read(fields: &Fields<'_>) -> Option<Manifest> {
    fields.only(&[
        "id",
        "name",
        "version",
        "apiVersion",
        "description",
        "license",
        "keywords",
        "repositoryUrl",
        "homepageUrl",
        "changelog",
        "minHostVersion",
        "capabilities",
        "storage",
        "database",
        "hooks",
        "routes",
        "admin",
        "runtime",
        "sandbox",
    ]);
    if let Some(node) = fields.required("apiVersion") {
        node.matching(16, "this host knows api_version \"1\"", |text| text == "1");
    }
    let name = fields.required("name").and_then(|_| parts::name(fields));
    let id = match fields.optional("id") {
        Some(node) => parts::plugin_id(&node),
        None => name.as_deref().and_then(|name| id_from_name(fields.node(), name)),
    };
    let version = fields.required("version").and_then(|node| parts::version(&node));
    let hooks = fields.required("hooks").map(|node| hooks(&node)).unwrap_or_default();
    let sandbox = fields.required("sandbox").and_then(|node| sandbox(&node));
    let declared = fields.optional("capabilities").map(|node| access::capabilities(&node));
    let storage = fields.optional("storage").map(|node| parts::storage(&node)).unwrap_or_default();
    let database = fields.optional("database").and_then(|node| parts::database(&node));
    let routes = fields.optional("routes").map(|node| routes::routes(&node)).unwrap_or_default();
    let admin = fields.optional("admin").map(|node| admin::read(&node)).unwrap_or_default();
    let wasm = fields.optional("runtime").and_then(|node| parts::runtime(&node));
    let minimum_host = fields.optional("minHostVersion").and_then(|node| parts::minimum_host(&node));
    let (description, listing) = (parts::description(fields), parts::listing(fields));

    let sandbox = sandbox?;
    let mut capabilities = declared.unwrap_or_default();
    let needed = hooks.iter().filter_map(|declaration| declaration.hook.required_capability());
    needed.for_each(|capability| capabilities.insert(capability));
    if !sandbox.allowed_hosts.is_empty() {
        capabilities.insert(Capability::NetworkRequest);
    }
    let mut manifest = Manifest::new(ManifestForm::PluginJson, id?, version?);
    sandbox.apply(&mut manifest.budgets);
    Some(Manifest {
        name,
        description,
        listing,
        minimum_host,
        capabilities,
        allowed_hosts: sandbox.allowed_hosts,
        storage,
        database,
        hooks,
        routes,
        admin,
        wasm,
        ..manifest
    })
}

/// "Auto Blog SEO" becomes `auto-blog-seo`.
fn id_from_name(node: &Node<'_>, name: &str) -> Option<PluginId> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let id = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    PluginId::parse(&id).map_err(|_| node.fail(format!("\"{name}\" makes no plugin id; add an \"id\""))).ok()
}

/// `hooks`: hook name → name of the handler.
fn hooks(node: &Node<'_>) -> Vec<HookDeclaration> {
    let mut hooks: Vec<HookDeclaration> = Vec::new();
    for (name, handler) in node.entries(Hook::ALL.len() * 2) {
        let Some(hook) = Hook::by_name(&name) else {
            handler.fail(parts::unknown_hook(&name));
            continue;
        };
        let Some(handler_name) = handler.line(MAX_HANDLER) else { continue };
        if hooks.iter().any(|declaration| declaration.hook == hook) {
            handler.fail(format!("the hook {hook} is declared twice, in two spellings"));
            continue;
        }
        hooks.push(HookDeclaration::new(hook, handler_name));
    }
    hooks
}

struct Sandbox {
    allowed_hosts: Vec<HostPattern>,
    cpu_ms: Option<i64>,
    memory_mb: Option<i64>,
    network_calls: Option<i64>,
}

impl Sandbox {
    fn apply(&self, budgets: &mut Budgets) {
        if let Some(milliseconds) = self.cpu_ms {
            budgets.cpu = Duration::from_millis(milliseconds.unsigned_abs());
        }
        if let Some(megabytes) = self.memory_mb.and_then(|megabytes| usize::try_from(megabytes).ok()) {
            budgets.memory_bytes = megabytes * 1024 * 1024;
        }
        if let Some(calls) = self.network_calls.and_then(|calls| u32::try_from(calls).ok()) {
            budgets.network_calls = calls;
        }
    }
}

fn sandbox(node: &Node<'_>) -> Option<Sandbox> {
    let fields = node.object()?;
    fields.only(&["allowedHosts", "maxCpuMs", "maxMemoryMb", "maxNetworkCalls"]);
    let integer = |key: &str, bounds| fields.optional(key).and_then(|node| node.integer(bounds));
    Some(Sandbox {
        allowed_hosts: fields.optional("allowedHosts").map(|node| access::hosts(&node)).unwrap_or_default(),
        cpu_ms: integer("maxCpuMs", 1..=Budgets::CPU_CAP_MS),
        memory_mb: integer("maxMemoryMb", Budgets::MEMORY_FLOOR_MB..=Budgets::MEMORY_CAP_MB),
        network_calls: integer("maxNetworkCalls", 0..=i64::from(Budgets::NETWORK_CALLS_CAP)),
    })
}
