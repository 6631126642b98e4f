//! Every way to be too much, stopped or made an error (A7, A8, A18).

use std::sync::Arc;
use std::time::Duration;

use emdash_ports::runtime::{GuestCall, GuestOutcome, GuestStop, InstanceLimits, PluginRuntime};
use emdash_types::ErrorCode;
use serde_json::{Value, json};

use crate::support::{
    LIMITS, Later, ScriptedHost, WALL, config, context, hook, prepare, probe, probe_report, returned,
    sandbox, source, stopped, threw,
};

fn short(call: GuestCall, cpu: u64) -> GuestCall {
    GuestCall { cpu: Duration::from_millis(cpu), ..call }
}

async fn run(code: &str, call: GuestCall) -> emdash_ports::runtime::GuestReport {
    prepare(code).await.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap().call(call).await
}

#[tokio::test]
async fn busy_loops_of_every_kind_end_with_the_cpu_budget() {
    for body in [
        "for (;;);",
        "const spin = () => Promise.resolve().then(spin); await spin();",
        "/(a+)+$/.test('a'.repeat(64) + 'b');",
        "try { for (;;); } finally { for (;;); }",
        "while (true) { try { for (;;); } catch {} }",
    ] {
        let code = format!("export default {{ hooks: {{ h: async () => {{ {body} }} }} }};");
        let stop = stopped(run(&code, short(hook("h", &Value::Null), 20)).await);
        let GuestStop::CpuLimit { limit, used } = stop else { panic!("{body}: {stop:?}") };
        assert!(limit == Duration::from_millis(20) && used >= limit, "{body}: {used:?}");
    }
}

#[tokio::test]
async fn a_stopped_instance_refuses_further_calls_and_others_go_on() {
    let code = "export default { hooks: { loop() { for (;;); }, ok: () => 1 } };";
    let image = prepare(code).await;
    let mut hostile = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    stopped(hostile.call(short(hook("loop", &Value::Null), 5)).await);
    assert!(matches!(stopped(hostile.call(hook("ok", &Value::Null)).await), GuestStop::Crashed { .. }));
    let mut other = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    assert_eq!(returned(other.call(hook("ok", &Value::Null)).await), json!(1));
}

/// More loops than guest threads: turns are taken, so a modest neighbour comes through while they all run.
#[tokio::test]
async fn a_neighbour_comes_through_beside_more_loops_than_threads() {
    let loops: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(run("export default { hooks: { h() { for (;;); } } };", hook("h", &Value::Null)))
        })
        .collect();
    let busy = "export default { hooks: { h() { let n = 0; while (n < 300000) n++; return n; } } };";
    assert_eq!(returned(run(busy, hook("h", &Value::Null)).await), json!(300_000));
    assert!(loops.iter().all(|hostile| !hostile.is_finished()));
    for hostile in loops {
        hostile.abort();
    }
}

#[tokio::test]
async fn waiting_costs_time_but_no_cpu() {
    let code = "export default { hooks: { h: () => new Promise((done) => setTimeout(done, 1e9)) } };";
    let call =
        GuestCall { cpu: Duration::from_secs(1), wall: Duration::from_millis(20), ..hook("h", &Value::Null) };
    let report = run(code, call).await;
    assert!(report.usage.cpu < Duration::from_millis(20));
    assert_eq!(stopped(report), GuestStop::TimeLimit { limit: Duration::from_millis(20) });
}

#[tokio::test]
async fn runaway_recursion_of_every_kind_is_a_range_error_the_plugin_can_catch() {
    for body in [
        "const f = () => f() + 1; f();",
        "const f = (n) => [1].map(() => f(n + 1)); f(0);",
        "const o = { get x() { return this.x } }; o.x;",
        "const o = { toString() { return `${this}` } }; `${o}`;",
        "const o = { toJSON() { return JSON.stringify(this) } }; JSON.stringify(o);",
        "const p = new Proxy({}, { get: (_, k, self) => self[k] }); p.x;",
        "class A { constructor() { new A() } } new A();",
        "const f = () => Reflect.apply(f, null, []); f();",
        "const f = (...a) => f(...a, 1); f();",
        "const f = () => [3, 1, 2].sort(() => f()); f();",
        "const f = () => 'x'.replace(/x/, f); f();",
        "function* g() { yield* g() } g().next();",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; `${a}`;",
        "JSON.parse('['.repeat(1e5));",
    ] {
        let said = probe(&format!("try {{ {body} return 'came back' }} catch (e) {{ return e.name }}")).await;
        assert_eq!(said, json!("RangeError"), "{body}");
    }
}

#[tokio::test]
async fn source_nested_too_deep_is_refused() {
    let deep = format!("export default {};", "[".repeat(100_000));
    assert_eq!(sandbox().prepare(source(&deep)).await.err().unwrap().code(), ErrorCode::PluginStartFailed);
}

#[tokio::test]
async fn a_memory_bomb_is_an_error_inside_and_is_reported() {
    let body = "let all = []; try { for (;;) all.push(new Uint8Array(1 << 20)) } catch (e) { const n = all.length; all = null; return [e.message, n > 5] }";
    let report = probe_report(body, ScriptedHost::new([])).await;
    assert!(report.usage.memory_limit_hit);
    assert!(report.usage.memory_bytes <= LIMITS.memory_bytes);
    assert_eq!(returned(report), json!(["out of memory", true]));
}

#[tokio::test]
async fn a_memory_bomb_nobody_catches_is_a_stop() {
    for body in [
        "const a = []; for (;;) a.push(new Array(1000).fill(a.length));",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });",
        "return new Array(1e9).fill(0)",
    ] {
        let stop = stopped(probe_report(body, ScriptedHost::new([])).await);
        assert_eq!(stop, GuestStop::MemoryLimit { limit: LIMITS.memory_bytes }, "{body}");
    }
}

#[tokio::test]
async fn a_promise_nothing_can_settle_is_noticed_at_once() {
    for body in [
        "await new Promise(() => {})",
        "const t = setTimeout(() => {}, 1e6); clearTimeout(t); await new Promise(() => {})",
    ] {
        assert_eq!(
            stopped(probe_report(body, ScriptedHost::new([])).await),
            GuestStop::NeverSettles,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_result_larger_than_allowed_is_refused() {
    let body = format!("return 'x'.repeat({})", LIMITS.payload_bytes);
    let stop = stopped(probe_report(&body, ScriptedHost::new([])).await);
    let GuestStop::OutputInvalid { reason } = stop else { panic!("{stop:?}") };
    assert_eq!(reason, "the result is 262146 bytes of JSON; the limit is 262144");
}

#[tokio::test]
async fn arguments_larger_than_allowed_are_refused_and_never_reach_the_host() {
    let host = ScriptedHost::new([]);
    let body = format!(
        "return ctx.kv.set('k', 'x'.repeat({})).catch((e) => [e.code, e.message])",
        LIMITS.payload_bytes
    );
    let said = crate::support::probe_with(&body, host.clone()).await;
    assert_eq!(
        said,
        json!([
            "PAYLOAD_TOO_LARGE",
            "The arguments of kv.set are 262152 bytes of JSON; the limit is 262144."
        ])
    );
    assert!(host.calls.lock().is_empty());
}

#[tokio::test]
async fn operations_under_way_are_bounded() {
    let body =
        "const all = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => ctx.kv.get(String(i))));
        return all.map((r) => r.reason?.code ?? 'ok').reduce((n, r) => ({ ...n, [r]: (n[r] ?? 0) + 1 }), {})";
    let host: Arc<Later> = Arc::new(Later(ScriptedHost::new([])));
    assert_eq!(crate::support::probe_with(body, host).await, json!({"ok": 16, "HOST_CALL_LIMIT": 4}));
    let timers =
        "let n = 0; try { for (;;) { setTimeout(() => {}, 1e6); n++ } } catch (e) { return [n, e.code] }";
    assert_eq!(probe(timers).await, json!([16, "HOST_CALL_LIMIT"]));
}

#[tokio::test]
async fn evaluating_a_module_has_limits_too() {
    let refused = async |code: &str, cpu: Duration, limits: InstanceLimits| {
        let source = emdash_ports::runtime::PluginSource { cpu, limits, ..source(code) };
        let error = sandbox().prepare(source).await.err().unwrap();
        assert_eq!(error.code(), ErrorCode::PluginStartFailed);
        error.message().to_owned()
    };
    let cpu = refused("for (;;);", Duration::from_millis(20), LIMITS).await;
    assert!(cpu.contains("more than its 20 ms of CPU time"), "{cpu}");
    let memory = refused("const a = []; for (;;) a.push(new Array(1000).fill(0));", WALL, LIMITS).await;
    assert!(memory.contains("more than its 32 MiB of memory"), "{memory}");
}

#[tokio::test]
async fn instances_are_counted_and_given_back() {
    let small =
        emdash_sandbox::SandboxRuntime::new(emdash_sandbox::SandboxConfig { max_instances: 2, ..config() })
            .unwrap();
    let image = small.prepare(source("export default { hooks: { h: () => 1 } };")).await.unwrap();
    let take = || image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS);
    let (first, _second) = (take().unwrap(), take().unwrap());
    assert_eq!(take().err().unwrap().code(), ErrorCode::SandboxNotAvailable);
    drop(first);
    let mut third = take().unwrap();
    assert!(matches!(third.call(hook("h", &Value::Null)).await.outcome, Ok(GuestOutcome::Returned(Some(_)))));
}

#[tokio::test]
async fn an_error_thrown_after_the_stack_ran_out_is_still_told() {
    let report = probe_report("const f = () => f(); f();", ScriptedHost::new([])).await;
    let thrown = threw(report);
    assert_eq!(thrown.name, "RangeError");
}
