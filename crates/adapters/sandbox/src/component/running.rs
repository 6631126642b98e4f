//! A live component: its store, and the calls into it.

use std::sync::Arc;

use emdash_ports::runtime::{EntryHook, EntryRoute, EntryShape, GuestException, GuestOutcome, GuestResponse};
use futures::future::BoxFuture;
use serde::de::IgnoredAny;
use wasmtime::Store;

use super::guest::Guest;
use super::machine::ComponentMachine;
use super::world::exports::emdash::plugin::hooks::{self, Hook};
use super::world::exports::emdash::plugin::routes::{self, Route};
use super::world::{Plugin, PluginPre};
use crate::runtime::Slot;

/// Epochs a guest gets on the caller's thread before it has to move to the guest threads.
const FIRST_SLICE: u64 = 2;

/// A way into the guest.
pub(super) enum Entry {
    Describe,
    Hook { name: String, event: String },
    Route { name: String, context: String },
}

/// What came of it.
pub(super) enum Returned {
    Shape(EntryShape),
    Outcome(GuestOutcome),
}

/// The guest and what became of an entry into it.
pub(super) type Entered = (Box<Running>, wasmtime::Result<Returned>);

pub(super) struct Running {
    pub(super) store: Store<Guest>,
    pre: Arc<PluginPre<Guest>>,
    /// `None` before the first call: instantiating runs code of the guest, so it is done within a call's budgets.
    plugin: Option<Plugin>,
    /// Given back after the store, wherever that is dropped. `None` for a component that only describes itself; some
    /// instances are set aside for that.
    _slot: Option<Slot>,
}

impl Running {
    pub(super) fn new(
        machine: &ComponentMachine,
        pre: Arc<PluginPre<Guest>>,
        guest: Guest,
        slot: Option<Slot>,
    ) -> Self {
        let payload_bytes = guest.limits.payload_bytes;
        let mut store = Store::new(machine.engine(), guest);
        store.limiter(|guest| guest);
        store.epoch_deadline_callback(Guest::on_epoch);
        // Twice, so that what is only a little too large is refused in words rather than by a trap.
        store.set_hostcall_fuel(payload_bytes.saturating_mul(2));
        Self { store, pre, plugin: None, _slot: slot }
    }

    async fn plugin(&mut self) -> wasmtime::Result<&Plugin> {
        if self.plugin.is_none() {
            self.plugin = Some(self.pre.instantiate_async(&mut self.store).await?);
        }
        self.plugin.as_ref().ok_or_else(|| wasmtime::Error::msg("no instance"))
    }

    async fn enter(&mut self, entry: Entry) -> wasmtime::Result<Returned> {
        self.store.set_epoch_deadline(FIRST_SLICE);
        self.plugin().await?;
        let Self { store, plugin: Some(plugin), .. } = self else {
            return Err(wasmtime::Error::msg("no instance"));
        };
        let (hooks, routes) = (plugin.emdash_plugin_hooks(), plugin.emdash_plugin_routes());
        let returned = match entry {
            Entry::Describe => {
                let hooks = hooks.call_describe(&mut *store).await?.into_iter().map(entry_hook).collect();
                let routes = routes.call_describe(&mut *store).await?.into_iter().map(entry_route).collect();
                Returned::Shape(EntryShape { hooks, routes, tools: Vec::new(), functions: Vec::new() })
            }
            Entry::Hook { name, event } => {
                let answer = hooks.call_call(&mut *store, &name, &event).await?;
                Returned::Outcome(match answer {
                    Ok(json) => GuestOutcome::Returned(json),
                    Err(failure) => GuestOutcome::Threw(exception(failure)),
                })
            }
            Entry::Route { name, context } => {
                Returned::Outcome(match routes.call_call(&mut *store, &name, &context).await? {
                    Ok(answer) => answered(answer),
                    Err(failure) => GuestOutcome::Threw(exception(failure)),
                })
            }
        };
        self.store.data_mut().flush_lines();
        Ok(returned)
    }
}

/// One entry as a future that owns the guest, so that it can move between threads.
pub(super) fn enter_owned(mut running: Box<Running>, entry: Entry) -> BoxFuture<'static, Entered> {
    Box::pin(async move {
        let returned = running.enter(entry).await;
        (running, returned)
    })
}

fn entry_hook(hook: Hook) -> EntryHook {
    let error_policy = match hook.error_policy {
        hooks::ErrorPolicy::Abort => "abort",
        hooks::ErrorPolicy::Continue => "continue",
    };
    EntryHook {
        name: hook.name,
        priority: hook.priority,
        timeout: f64::from(hook.timeout_ms),
        dependencies: hook.dependencies,
        error_policy: error_policy.to_owned(),
        exclusive: hook.exclusive,
    }
}

fn entry_route(route: Route) -> EntryRoute {
    EntryRoute {
        name: route.name,
        public: route.public,
        permission: route.permission,
        cache_control: route.cache_control,
        methods: Vec::new(),
        body: None,
        max_bytes: None,
        headers: None,
        raw_response: false,
    }
}

fn exception(failure: hooks::Failure) -> GuestException {
    GuestException {
        name: "Error".to_owned(),
        message: failure.message,
        code: failure.code,
        status: failure.status.filter(|status| (100..=599).contains(status)),
        details: failure.details.and_then(|json| serde_json::from_str(&json).ok()),
        stack: None,
    }
}

fn answered(answer: routes::Answer) -> GuestOutcome {
    match answer {
        routes::Answer::Nothing => GuestOutcome::Returned(None),
        routes::Answer::Value(json) => GuestOutcome::Returned(Some(json)),
        routes::Answer::Response(response) => GuestOutcome::Responded(GuestResponse {
            thrown: false,
            status: response.status,
            headers: response.headers,
            body: response.body,
        }),
    }
}

/// Why an outcome cannot be used: it is larger than allowed, or the text is not JSON.
pub(super) fn unusable(outcome: &GuestOutcome, limit: usize) -> Option<String> {
    let text = match outcome {
        GuestOutcome::Returned(Some(json)) => json.as_bytes(),
        GuestOutcome::Responded(response) => &response.body,
        GuestOutcome::Returned(None) | GuestOutcome::Threw(_) => return None,
    };
    if text.len() > limit {
        return Some(format!("the result is {} bytes; the limit is {limit}", text.len()));
    }
    let GuestOutcome::Returned(_) = outcome else { return None };
    serde_json::from_slice::<IgnoredAny>(text).err().map(|error| format!("the result is not JSON: {error}"))
}
