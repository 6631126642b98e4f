//! The plugin runtime: what a host needs from a sandbox, without naming an engine.
//!
//! Life of a plugin: [`PluginRuntime::prepare`] evaluates its module once and keeps a memory image, or compiles its
//! component; [`PluginImage::instantiate`] makes a fresh instance of it for one request; the hooks of that request share
//! the instance ([`PluginInstance::call`]), and dropping it forgets everything (A9, ruling 13).
//! The runtime meters and stops; it grants nothing. Every host call is a value handed to [`HostCalls`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
pub use emdash_manifest::{EntryHook, EntryRoute, EntryShape, PluginCode};
use emdash_types::{Error, Result};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::recording::{Recording, Replay};

/// The code of one plugin release.
#[derive(Clone, Debug)]
pub struct PluginSource {
    /// `id@version`, for messages.
    pub label: String,
    /// What runs.
    pub code: PluginCode,
    /// Limits of evaluating the module once.
    pub limits: InstanceLimits,
    /// CPU time the evaluation may use.
    pub cpu: Duration,
}

/// Limits of an instance, whatever it is called for. All are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceLimits {
    /// Linear memory, engine and plugin together, in bytes (A8).
    pub memory_bytes: usize,
    /// Host operations that may be under way at once.
    pub pending_operations: usize,
    /// Longest JSON text the guest may hand to the host in one piece, in bytes.
    pub payload_bytes: usize,
}

/// What the guest is asked to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GuestTarget {
    /// `hooks[name](event, ctx)`.
    Hook,
    /// `routes[name](routeCtx, ctx)`.
    Route,
    /// `exports[name](event, ctx)`: the handlers a `plugin.json` names (A5).
    Function,
}

/// One call into an instance. All limits are required.
#[derive(Clone, Debug)]
pub struct GuestCall {
    /// Hook or route.
    pub target: GuestTarget,
    /// The name as the plugin's module spells it.
    pub name: String,
    /// The event or route context, JSON.
    pub input: String,
    /// CPU time this call may use (A7).
    pub cpu: Duration,
    /// Time this call may take, waiting included.
    pub wall: Duration,
}

/// What the guest did when it came to an end by itself.
#[derive(Clone, Debug)]
pub enum GuestOutcome {
    /// It returned: JSON text, or `None` for `undefined`.
    Returned(Option<String>),
    /// It threw.
    Threw(GuestException),
    /// It threw or returned a `Response` (routes only make sense of it).
    Responded(GuestResponse),
}

/// An exception that left the guest. Every text is the plugin's and untrusted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestException {
    /// The error's class, `TypeError`.
    pub name: String,
    /// The message.
    pub message: String,
    /// `code`, where the thrown value has a textual one.
    pub code: Option<String>,
    /// `status`, where the thrown value has a numeric one.
    pub status: Option<u16>,
    /// `details`, where the thrown value has any.
    pub details: Option<Value>,
    /// The stack, for the plugin's log only.
    pub stack: Option<String>,
}

/// A `Response` made by the guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestResponse {
    /// Whether it was thrown rather than returned.
    pub thrown: bool,
    /// The status.
    pub status: u16,
    /// Header pairs.
    pub headers: Vec<(String, String)>,
    /// The body; base64 in JSON.
    #[serde(with = "base64_text")]
    pub body: Vec<u8>,
}

mod base64_text {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}

/// Why the runtime stopped a guest (or refused to start it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestStop {
    /// CPU budget used up.
    CpuLimit {
        /// The budget.
        limit: Duration,
        /// CPU time used when it was stopped.
        used: Duration,
    },
    /// Wall-clock budget used up.
    TimeLimit {
        /// The budget.
        limit: Duration,
    },
    /// The memory budget left no room to go on (a catchable failure inside the guest is not a stop).
    MemoryLimit {
        /// The budget in bytes.
        limit: usize,
    },
    /// The result is a promise that nothing can settle.
    NeverSettles,
    /// A result or an argument was larger than allowed, or not JSON.
    OutputInvalid {
        /// What was wrong.
        reason: String,
    },
    /// It called what plugins do not have: files, sockets, an environment (A33).
    Forbidden {
        /// The interface and function it called.
        what: String,
    },
    /// The guest trapped.
    Crashed {
        /// The engine's words, for the operator's log.
        reason: String,
    },
}

/// What a call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuestUsage {
    /// CPU time.
    pub cpu: Duration,
    /// Wall-clock time.
    pub wall: Duration,
    /// Linear memory at its largest, bytes.
    pub memory_bytes: usize,
    /// Whether an allocation was refused for the memory budget, caught by the guest or not.
    pub memory_limit_hit: bool,
    /// Host calls started.
    pub host_calls: u32,
}

/// The end of a call.
#[derive(Clone, Debug)]
pub struct GuestReport {
    /// What happened.
    pub outcome: std::result::Result<GuestOutcome, GuestStop>,
    /// What it cost.
    pub usage: GuestUsage,
}

/// A request of the guest to the host. Untrusted, but the name is a string of at most 64 bytes and the
/// arguments are one JSON text within [`InstanceLimits::payload_bytes`].
#[derive(Clone, Debug)]
pub struct HostCall {
    /// Such as `kv.get`.
    pub name: String,
    /// A JSON array of arguments.
    pub arguments: String,
}

/// The answer to a host call: JSON text, or a refusal the guest sees as a thrown `Error`.
pub type HostCallResult = std::result::Result<String, Error>;

/// How a host call goes on.
pub enum HostCallProgress {
    /// The host had the answer.
    Ready(HostCallResult),
    /// The answer comes later; operations run side by side.
    Pending(BoxFuture<'static, HostCallResult>),
}

/// The host's side of an instance: authorises, meters, executes and records.
pub trait HostCalls: Send + Sync {
    /// Starts one call. Must not block.
    fn start(&self, call: HostCall) -> HostCallProgress;

    /// Learns of a call or timer the runtime refused for a limit of [`InstanceLimits`]; a host that keeps records
    /// takes note.
    fn refused(&self, _error: &Error) {}
}

/// What the guest's `ctx` is built from; no secrets, it is copied into guest memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestContext {
    /// `ctx.plugin.id`.
    pub plugin_id: String,
    /// `ctx.plugin.version`.
    pub plugin_version: String,
    /// `ctx.site.name`.
    pub site_name: String,
    /// `ctx.site.url`, without trailing slash.
    pub site_url: String,
    /// `ctx.site.locale`.
    pub locale: String,
    /// `ctx.site.trailingSlash`.
    pub trailing_slash: String,
    /// Granted capabilities in canonical spelling; decides which members of `ctx` exist (contract §3.1).
    pub capabilities: Vec<String>,
    /// Whether the plugin has a database of its own: `ctx.db`.
    pub database: bool,
}

/// A plugin ready to be instantiated.
pub trait PluginImage: Send + Sync {
    /// What the module exports.
    fn entry(&self) -> &EntryShape;

    /// Bytes the image keeps in memory.
    fn image_bytes(&self) -> usize;

    /// Plays recordings of this image's instances; `None` where the runtime cannot.
    fn replay(&self) -> Option<&dyn Replay> {
        None
    }

    /// A fresh instance for one request.
    ///
    /// # Errors
    /// `SANDBOX_NOT_AVAILABLE` when the pool of instances is exhausted.
    fn instantiate(
        &self,
        context: &GuestContext,
        host: Arc<dyn HostCalls>,
        limits: InstanceLimits,
    ) -> Result<Box<dyn PluginInstance>>;
}

/// One instance, owned by one request.
#[async_trait]
pub trait PluginInstance: Send {
    /// Runs a hook or a route to its end or to a limit. After a stop the instance refuses further calls.
    async fn call(&mut self, call: GuestCall) -> GuestReport;

    /// Keeps a record of everything from now on, of at most so many bytes. A runtime that cannot ignores it.
    fn record(&mut self, _limit_bytes: usize) {}

    /// The record so far, where one was asked for; nothing is kept from then on.
    fn recording(&mut self) -> Option<Recording> {
        None
    }

    /// Lets work go on that the handlers started and did not await, until nothing is open or a limit is reached.
    /// Without it, dropping the instance drops that work.
    async fn drain(&mut self, cpu: Duration, wall: Duration) -> GuestUsage;
}

/// The sandbox.
#[async_trait]
pub trait PluginRuntime: Send + Sync {
    /// Evaluates a module once, without clock, randomness or host calls, and images the result.
    ///
    /// # Errors
    /// `PLUGIN_START_FAILED` with the engine's message and position, or the limit it ran into.
    async fn prepare(&self, source: PluginSource) -> Result<Arc<dyn PluginImage>>;

    /// Evaluates a module and returns, as JSON, the result of calling the one function it exports
    /// (legacy plugin packages describe themselves that way; used by the bundler only).
    ///
    /// # Errors
    /// As [`PluginRuntime::prepare`].
    async fn describe(&self, source: PluginSource) -> Result<Value>;
}
