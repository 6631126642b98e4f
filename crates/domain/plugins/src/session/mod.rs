//! The hooks of one request.

mod background;
mod deferred;
mod delete;
mod event;
mod failure;
mod metadata;
mod running;
mod save;

use std::sync::Arc;
use std::time::Duration;

use emdash_manifest::{Budgets, Hook};
use emdash_ports::runtime::{GuestCall, GuestStop};
use emdash_types::{CollectionName, EntryId, JsonMap, PluginId};

use crate::PluginHost;
use crate::generation::{Generation, Listener};
use crate::host::Site;

pub(crate) use failure::{Failure, stop_code};
pub(crate) use running::{Answer, Running};

/// What is about to be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeSave {
    /// Where to.
    pub collection: CollectionName,
    /// The entry; `None` for a new one.
    pub id: Option<EntryId>,
    /// The fields the editor sent: all of a new entry, the changed ones of an existing one.
    pub content: JsonMap,
}

/// What is about to be deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeDelete {
    /// Where from.
    pub collection: CollectionName,
    /// The entry.
    pub id: EntryId,
}

/// The hooks of one request: one instance per plugin, made when first needed and shared by every hook of the
/// session (ruling 13). Keep it until the deferred hooks have run; dropping it forgets the instances.
pub struct HookSession {
    site: Arc<Site>,
    generation: Arc<Generation>,
    running: Vec<Running>,
    /// Plugins that are not called.
    causes: Arc<[PluginId]>,
}

impl PluginHost {
    /// Begins the hooks of one request. Costs nothing until a plugin listens.
    #[must_use]
    pub fn session(&self) -> HookSession {
        self.session_caused_by(&[])
    }

    /// Begins the hooks of a request that plugins are behind: of what they do, neither they are called nor those whose
    /// writes led to it (plugin contract §3.17).
    #[must_use]
    pub fn session_caused_by(&self, causes: &[PluginId]) -> HookSession {
        HookSession {
            site: Arc::clone(&self.site),
            generation: self.site.generation(),
            running: Vec::new(),
            causes: Arc::from(causes),
        }
    }
}

/// The time a chain of hooks has left (A15). Only time in plugins counts, which is all it is spent on.
struct Chain {
    left: Duration,
}

impl Chain {
    fn of_a_save() -> Self {
        Self { left: Budgets::CHAIN_WALL }
    }

    fn spend(&mut self, wall: Duration) {
        self.left = self.left.saturating_sub(wall);
    }
}

impl HookSession {
    fn listeners(&self, hook: Hook) -> Vec<Listener> {
        let mut listeners = self.generation.listeners(hook).to_vec();
        listeners.retain(|listener| !self.causes.contains(&listener.plugin.id));
        listeners
    }

    /// The plugin's instance of this session. One that was stopped is replaced by a fresh one.
    async fn instance(&mut self, listener: &Listener) -> Result<&mut Running, Failure> {
        self.running.retain(|running| !running.is_stopped());
        let found = self.running.iter().position(|running| running.is_of(&listener.plugin));
        let position = match found {
            Some(position) => position,
            None => {
                let running = Running::queued(&self.site, &listener.plugin, &self.causes).await?;
                self.running.push(running);
                self.running.len() - 1
            }
        };
        self.running.get_mut(position).ok_or_else(Failure::no_instance)
    }

    fn guest_call(&self, listener: &Listener, event: String, wall: Duration) -> GuestCall {
        GuestCall {
            target: listener.hook.target,
            name: listener.hook.name_in_module.clone(),
            input: event,
            cpu: listener.plugin.manifest.budgets.cpu,
            wall: wall.min(listener.hook.timeout),
        }
    }

    /// Calls a listener with an event, within the time given; where the chain has none left, not at all.
    async fn call(
        &mut self,
        listener: &Listener,
        event: String,
        wall: Duration,
    ) -> (Result<Answer, Failure>, Duration) {
        if wall.is_zero() {
            let limit = Budgets::CHAIN_WALL;
            return (Err(Failure::Stopped(GuestStop::TimeLimit { limit })), Duration::ZERO);
        }
        let call = self.guest_call(listener, event, wall);
        match self.instance(listener).await {
            Ok(running) => running.call(&during(listener), call).await,
            Err(failure) => (Err(failure), Duration::ZERO),
        }
    }

    /// Calls a listener and lets the work go on that it did not await, within the same time again.
    async fn call_and_settle(&mut self, listener: &Listener, event: String) -> Result<(), ()> {
        let wall = listener.hook.timeout;
        let call = self.guest_call(listener, event, wall);
        let during = during(listener);
        let running = match self.instance(listener).await {
            Ok(running) => running,
            Err(failure) => {
                let reason = failure.reason();
                tracing::error!(plugin = %listener.plugin.label(), during, "{reason}");
                listener.plugin.meters.count_error(&during, &reason);
                return Err(());
            }
        };
        let (outcome, _) = running.begin(&during, call).await;
        running.settle(wall).await;
        outcome.map(drop).map_err(drop)
    }
}

fn during(listener: &Listener) -> String {
    format!("hook {}", listener.hook.hook)
}
