//! One sandbox for all tests, and a host that does what a test tells it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use emdash_ports::runtime::{
    GuestCall, GuestContext, GuestException, GuestOutcome, GuestReport, GuestResponse, GuestStop,
    GuestTarget, HostCall, HostCallProgress, HostCallResult, HostCalls, InstanceLimits, PluginCode,
    PluginImage, PluginInstance, PluginRuntime, PluginSource,
};
use emdash_sandbox::{SandboxConfig, SandboxRuntime};
use emdash_types::{Ambient, Clock, Entropy, Timestamp};
use parking_lot::Mutex;
use serde_json::Value;

pub const LIMITS: InstanceLimits =
    InstanceLimits { memory_bytes: 32 << 20, pending_operations: 16, payload_bytes: 256 << 10 };
/// Generous: only the tests of limits are meant to reach one.
pub const CPU: Duration = Duration::from_secs(20);
pub const WALL: Duration = Duration::from_secs(60);

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-11-20T12:00:00.000Z").unwrap()
    }
}

/// Never the same bytes twice.
struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut mixed =
                self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^= mixed >> 29;
            chunk.copy_from_slice(&mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9).to_le_bytes()[..chunk.len()]);
        }
    }
}

pub fn ambient() -> Ambient {
    Ambient { clock: Arc::new(FixedClock), entropy: Arc::new(CountingEntropy(AtomicU64::new(0))) }
}

pub fn config() -> SandboxConfig {
    SandboxConfig {
        ambient: ambient(),
        cache_dir: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("engine-cache"),
        max_instances: 32,
        max_memory_bytes: 128 << 20,
        guest_threads: 2,
    }
}

/// The sandbox is expensive to bring up and has no state a test could see.
pub fn sandbox() -> &'static SandboxRuntime {
    static SANDBOX: LazyLock<Arc<SandboxRuntime>> = LazyLock::new(|| SandboxRuntime::new(config()).unwrap());
    &SANDBOX
}

/// Answers by call name and keeps what was asked.
#[derive(Default)]
pub struct ScriptedHost {
    pub answers: BTreeMap<&'static str, Value>,
    pub calls: Mutex<Vec<(String, Value)>>,
}

impl ScriptedHost {
    pub fn new<const N: usize>(answers: [(&'static str, Value); N]) -> Arc<Self> {
        Arc::new(Self { answers: BTreeMap::from(answers), calls: Mutex::default() })
    }

    pub fn calls_to(&self, name: &str) -> Vec<Value> {
        self.calls
            .lock()
            .iter()
            .filter(|(called, _)| called == name)
            .map(|(_, given)| given.clone())
            .collect()
    }

    fn answer(&self, call: &HostCall) -> HostCallResult {
        let arguments = serde_json::from_str(&call.arguments).unwrap();
        self.calls.lock().push((call.name.clone(), arguments));
        Ok(self.answers.get(call.name.as_str()).unwrap_or(&Value::Null).to_string())
    }
}

impl HostCalls for ScriptedHost {
    fn start(&self, call: HostCall) -> HostCallProgress {
        HostCallProgress::Ready(self.answer(&call))
    }
}

/// The same host, answering later.
pub struct Later(pub Arc<ScriptedHost>);

impl HostCalls for Later {
    fn start(&self, call: HostCall) -> HostCallProgress {
        let answer = self.0.answer(&call);
        HostCallProgress::Pending(Box::pin(async move {
            tokio::task::yield_now().await;
            answer
        }))
    }
}

pub fn context(capabilities: &[&str]) -> GuestContext {
    GuestContext {
        plugin_id: "probe".to_owned(),
        plugin_version: "1.2.3".to_owned(),
        site_name: "Site".to_owned(),
        site_url: "https://example.org".to_owned(),
        locale: "en".to_owned(),
        capabilities: capabilities.iter().map(ToString::to_string).collect(),
        trailing_slash: "never".to_owned(),
        database: false,
    }
}

pub fn source(code: &str) -> PluginSource {
    PluginSource { label: "probe@1.2.3".to_owned(), code: PluginCode::module(code), limits: LIMITS, cpu: CPU }
}

pub async fn prepare(code: &str) -> Arc<dyn PluginImage> {
    sandbox().prepare(source(code)).await.unwrap()
}

/// A fresh instance with every capability.
pub async fn instance(code: &str, host: Arc<dyn HostCalls>) -> Box<dyn PluginInstance> {
    let context = context(&["users:read", "email:send"]);
    prepare(code).await.instantiate(&context, host, LIMITS).unwrap()
}

pub fn hook(name: &str, input: &Value) -> GuestCall {
    GuestCall {
        target: GuestTarget::Hook,
        name: name.to_owned(),
        input: input.to_string(),
        cpu: CPU,
        wall: WALL,
    }
}

pub fn route(name: &str, input: &Value) -> GuestCall {
    GuestCall { target: GuestTarget::Route, ..hook(name, input) }
}

/// Runs `body` as the hook `probe(event, ctx)` of a plugin of its own.
pub async fn probe_report(body: &str, host: Arc<dyn HostCalls>) -> GuestReport {
    let code = format!("export default {{ hooks: {{ probe: async (event, ctx) => {{ {body} }} }} }};");
    instance(&code, host).await.call(hook("probe", &Value::Null)).await
}

/// What `body` returns.
pub async fn probe(body: &str) -> Value {
    probe_with(body, ScriptedHost::new([])).await
}

pub async fn probe_with(body: &str, host: Arc<dyn HostCalls>) -> Value {
    returned(probe_report(body, host).await)
}

pub fn returned(report: GuestReport) -> Value {
    match report.outcome {
        Ok(GuestOutcome::Returned(Some(json))) => serde_json::from_str(&json).unwrap(),
        Ok(GuestOutcome::Returned(None)) => Value::Null,
        other => panic!("the guest did not return: {other:?}"),
    }
}

pub fn threw(report: GuestReport) -> GuestException {
    match report.outcome {
        Ok(GuestOutcome::Threw(thrown)) => thrown,
        other => panic!("the guest did not throw: {other:?}"),
    }
}

pub fn responded(report: GuestReport) -> GuestResponse {
    match report.outcome {
        Ok(GuestOutcome::Responded(response)) => response,
        other => panic!("the guest did not respond: {other:?}"),
    }
}

pub fn stopped(report: GuestReport) -> GuestStop {
    report.outcome.expect_err("the guest was not stopped")
}
