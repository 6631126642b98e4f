//! Host calls: started by the guest, completed by the host, side by side.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use emdash_ports::runtime::{HostCall, HostCallProgress, HostCalls};
use emdash_types::{Error, ErrorCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{CPU, LIMITS, Later, ScriptedHost, WALL, context, hook, prepare, probe_with, returned};

/// Answers nobody until all expected calls have been started.
pub struct Gate {
    expected: usize,
    started: AtomicUsize,
    open: Arc<Notify>,
}

impl Gate {
    pub fn new(expected: usize) -> Self {
        Self { expected, started: AtomicUsize::new(0), open: Arc::default() }
    }
}

impl HostCalls for Gate {
    fn start(&self, call: HostCall) -> HostCallProgress {
        let open = Arc::clone(&self.open);
        if self.started.fetch_add(1, Ordering::SeqCst) + 1 == self.expected {
            // One permit is passed on from call to call.
            open.notify_one();
        }
        HostCallProgress::Pending(Box::pin(async move {
            open.notified().await;
            open.notify_one();
            Ok(call.arguments)
        }))
    }
}

#[tokio::test]
async fn parallel_calls_are_all_started_before_the_first_completes() {
    let gate = Gate::new(5);
    let body = "return Promise.all([1, 2, 3, 4, 5].map((n) => ctx.kv.get(n)))";
    assert_eq!(probe_with(body, Arc::new(gate)).await, json!([[1], [2], [3], [4], [5]]));
}

#[tokio::test]
async fn calls_in_sequence_and_at_once_answered_ones_work() {
    let body = "let n = 0; for (let i = 0; i < 50; i++) n += (await ctx.kv.get('k')).n; return n";
    let host = ScriptedHost::new([("kv.get", json!({"n": 2}))]);
    assert_eq!(probe_with(body, host.clone()).await, json!(100));
    assert_eq!(probe_with(body, Arc::new(Later(host))).await, json!(100));
}

struct Refusing {
    later: bool,
}

impl HostCalls for Refusing {
    fn start(&self, _call: HostCall) -> HostCallProgress {
        let error = Error::new(ErrorCode::CapabilityMissing, "Missing capability: content:write")
            .details(json!({"capability": "content:write"}))
            .caused_by("a secret cause");
        if self.later {
            return HostCallProgress::Pending(Box::pin(async move { Err(error) }));
        }
        HostCallProgress::Ready(Err(error))
    }
}

#[tokio::test]
async fn a_refusal_is_an_error_with_message_code_and_details() {
    let body = "try { await ctx.content.create('posts', {}) } catch (e) { return [e instanceof Error, e.message, e.code, e.details, Object.keys(e)] }";
    let expected = json!([true, "Missing capability: content:write", "CAPABILITY_MISSING", {"capability": "content:write"}, ["code", "details"]]);
    for later in [false, true] {
        assert_eq!(probe_with(body, Arc::new(Refusing { later })).await, expected);
    }
}

#[tokio::test]
async fn arguments_that_are_not_json_reject_and_never_reach_the_host() {
    let host = ScriptedHost::new([]);
    let body = "const cycle = {}; cycle.a = cycle; return (await Promise.allSettled([ctx.kv.set('k', cycle), ctx.kv.set('k', 1n)])).map((r) => r.reason.name)";
    assert_eq!(probe_with(body, host.clone()).await, json!(["TypeError", "TypeError"]));
    assert!(host.calls.lock().is_empty());
}

#[tokio::test]
async fn host_calls_are_counted_per_call() {
    let code = "export default { hooks: { two: (_, ctx) => Promise.all([ctx.kv.get('a'), ctx.kv.get('b')]), none: () => 1 } };";
    let mut instance = prepare(code).await.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    assert_eq!(instance.call(hook("two", &Value::Null)).await.usage.host_calls, 2);
    assert_eq!(instance.call(hook("none", &Value::Null)).await.usage.host_calls, 0);
}

#[tokio::test]
async fn work_that_was_not_awaited_goes_on_when_drained() {
    let code =
        "export default { hooks: { h: (_, ctx) => { ctx.kv.get('a').then(() => ctx.kv.set('b', 1)) } } };";
    let image = prepare(code).await;
    for drained in [true, false] {
        let host = ScriptedHost::new([]);
        let later: Arc<dyn HostCalls> = Arc::new(Later(host.clone()));
        let mut instance = image.instantiate(&context(&[]), later, LIMITS).unwrap();
        instance.call(hook("h", &Value::Null)).await;
        if drained {
            instance.drain(CPU, WALL).await;
        }
        drop(instance);
        assert_eq!(host.calls_to("kv.set").len(), usize::from(drained));
    }
}

/// Hangs, and notices when it is dropped.
struct Hanging(Arc<AtomicBool>);

struct Notices(Arc<AtomicBool>);

impl Drop for Notices {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl HostCalls for Hanging {
    fn start(&self, _call: HostCall) -> HostCallProgress {
        let notices = Notices(Arc::clone(&self.0));
        HostCallProgress::Pending(Box::pin(async move {
            let _kept = notices;
            std::future::pending().await
        }))
    }
}

#[tokio::test]
async fn a_host_call_under_way_is_dropped_with_its_instance() {
    let dropped = Arc::new(AtomicBool::new(false));
    let code = "export default { hooks: { h: (_, ctx) => { ctx.kv.get('a') } } };";
    let host: Arc<dyn HostCalls> = Arc::new(Hanging(Arc::clone(&dropped)));
    let mut instance = prepare(code).await.instantiate(&context(&[]), host, LIMITS).unwrap();
    assert_eq!(returned(instance.call(hook("h", &Value::Null)).await), Value::Null);
    assert!(!dropped.load(Ordering::SeqCst));
    drop(instance);
    assert!(dropped.load(Ordering::SeqCst));
}
