//! The plugins that are live. A generation never changes; calls under way keep the one they began with.

mod load;
mod order;
mod probation;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use emdash_manifest::{Capability, ErrorPolicy, Hook, HostPattern, Manifest, RouteDeclaration};
use emdash_ports::outbound::EgressHosts;
use emdash_ports::plugin_data::PluginData;
use emdash_ports::plugin_database::{AppliedMigration, PluginDatabase};
use emdash_ports::runtime::{GuestContext, GuestTarget, InstanceLimits, PluginImage};
use emdash_types::{PluginId, Timestamp};
use tokio::sync::Semaphore;

use crate::access::{Grants, HookAccess};
use crate::sight::Meters;
use crate::{RouteAccess, SiteFacts};

pub(crate) use probation::Probation;

/// A plugin that can be called.
pub(crate) struct LoadedPlugin {
    pub(crate) id: PluginId,
    pub(crate) version: String,
    pub(crate) installed_at: Timestamp,
    pub(crate) manifest: Manifest,
    pub(crate) granted: Grants,
    pub(crate) image: Arc<dyn PluginImage>,
    pub(crate) data: Arc<dyn PluginData>,
    pub(crate) database: Option<OwnDatabase>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) limits: InstanceLimits,
    pub(crate) hooks: Vec<Arc<PluginHook>>,
    /// Watches its first calls after it took over from another release.
    pub(crate) probation: Option<Probation>,
    /// Set when it was taken back: what still waits to call it would write its ways into the data of the release
    /// before it.
    pub(crate) taken_back: AtomicBool,
}

/// The database a plugin has for itself.
pub(crate) struct OwnDatabase {
    pub(crate) handle: Arc<dyn PluginDatabase>,
    /// One batch at a time; the others wait without a thread.
    pub(crate) turns: Arc<Semaphore>,
    /// Its migrations, as of loading.
    pub(crate) applied: Vec<AppliedMigration>,
}

/// A hook of a plugin, as it is called.
pub(crate) struct PluginHook {
    pub(crate) hook: Hook,
    pub(crate) target: GuestTarget,
    pub(crate) name_in_module: String,
    pub(crate) timeout: std::time::Duration,
    pub(crate) priority: f64,
    pub(crate) dependencies: Vec<String>,
    pub(crate) error_policy: ErrorPolicy,
    pub(crate) access: HookAccess,
}

/// One place in the order of a hook.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) plugin: Arc<LoadedPlugin>,
    pub(crate) hook: Arc<PluginHook>,
}

/// All live plugins with the order of each hook.
#[derive(Default)]
pub(crate) struct Generation {
    pub(crate) number: u64,
    /// In the order of installation.
    plugins: Vec<Arc<LoadedPlugin>>,
    /// By the hook's place in the closed list.
    listeners: Vec<Vec<Listener>>,
    /// What was said about the order of hooks; not said again while it stays true.
    warnings: BTreeSet<String>,
}

impl LoadedPlugin {
    /// `id@version`.
    pub(crate) fn label(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    pub(crate) fn is_taken_back(&self) -> bool {
        self.taken_back.load(Ordering::Acquire)
    }

    pub(crate) fn hook(&self, hook: Hook) -> Option<&Arc<PluginHook>> {
        self.hooks.iter().find(|found| found.hook == hook)
    }

    /// Where its requests may go, by its grants alone.
    pub(crate) fn egress(&self) -> EgressHosts {
        if self.granted.capabilities.contains(Capability::NetworkRequestUnrestricted) {
            return EgressHosts::AnyPublic;
        }
        let hosts: Vec<HostPattern> = self.granted.hosts.iter().cloned().collect();
        EgressHosts::Listed(hosts)
    }

    pub(crate) fn context(&self, facts: &SiteFacts) -> GuestContext {
        GuestContext {
            plugin_id: self.id.to_string(),
            plugin_version: self.version.clone(),
            site_name: facts.name.clone(),
            site_url: facts.url.trim_end_matches('/').to_owned(),
            locale: facts.locale.clone(),
            trailing_slash: facts.trailing_slash.to_owned(),
            capabilities: self.granted.capabilities.names().into_iter().map(str::to_owned).collect(),
            database: self.database.is_some(),
        }
    }

    /// Who may call a route. The manifest decides; a module that lacks the route answers for itself.
    pub(crate) fn route(&self, name: &str) -> Option<RouteAccess> {
        if let Some(route) = self.manifest.route(name) {
            return Some(RouteAccess::of(route));
        }
        let admin = &self.manifest.admin;
        let draws = name == "admin" && !(admin.pages.is_empty() && admin.widgets.is_empty());
        draws.then(|| RouteAccess::of(&RouteDeclaration::new(name)))
    }
}

impl Generation {
    /// The generation after this one, with these plugins.
    pub(crate) fn next(&self, mut plugins: Vec<Arc<LoadedPlugin>>) -> Self {
        plugins.sort_by(|a, b| (a.installed_at, &a.id).cmp(&(b.installed_at, &b.id)));
        let mut warnings = BTreeSet::new();
        let listeners = Hook::ALL.iter().map(|hook| listeners(*hook, &plugins, &mut warnings)).collect();
        warnings.difference(&self.warnings).for_each(|warning| tracing::warn!("{warning}"));
        Self { number: self.number + 1, plugins, listeners, warnings }
    }

    pub(crate) fn plugins(&self) -> &[Arc<LoadedPlugin>] {
        &self.plugins
    }

    pub(crate) fn plugin(&self, id: &PluginId) -> Option<&Arc<LoadedPlugin>> {
        self.plugins.iter().find(|plugin| plugin.id == *id)
    }

    /// Who answers a hook, in order.
    pub(crate) fn listeners(&self, hook: Hook) -> &[Listener] {
        self.listeners.get(hook as usize).map(Vec::as_slice).unwrap_or_default()
    }
}

fn listeners(hook: Hook, plugins: &[Arc<LoadedPlugin>], warnings: &mut BTreeSet<String>) -> Vec<Listener> {
    let called = plugins.iter().filter_map(|plugin| {
        let found = plugin.hook(hook).filter(|found| found.access != HookAccess::Skipped)?;
        Some(Listener { plugin: Arc::clone(plugin), hook: Arc::clone(found) })
    });
    order::in_order(called.collect(), warnings)
}
