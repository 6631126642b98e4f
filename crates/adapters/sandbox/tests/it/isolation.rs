//! Fresh memory per request, honest randomness, and a prelude that plugin code cannot bend.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{LIMITS, ScriptedHost, context, hook, prepare, probe, returned};

#[tokio::test]
async fn the_hooks_of_one_request_share_state_and_nothing_survives_it() {
    let code = "let count = 0; const seen = new Map();
        export default { hooks: { before: (e) => { seen.set(e, ++count) }, after: (e) => [seen.get(e) ?? null, count] } };";
    let image = prepare(code).await;
    for _ in 0..3 {
        let mut instance = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
        instance.call(hook("before", &json!("x"))).await;
        assert_eq!(returned(instance.call(hook("after", &json!("x"))).await), json!([1, 1]));
    }
    let mut fresh = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    assert_eq!(returned(fresh.call(hook("after", &json!("x"))).await), json!([null, 0]));
}

#[tokio::test]
async fn prototype_pollution_ends_with_its_instance() {
    let code = "export default { hooks: { pollute() { Object.prototype.admin = true; Array.prototype.map = () => ['owned'];
        globalThis.secret = 1; }, look: () => [({}).admin ?? null, [1].map((x) => x), typeof secret] } };";
    let image = prepare(code).await;
    let mut first = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    let mut second = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    first.call(hook("pollute", &Value::Null)).await;
    assert_eq!(returned(second.call(hook("look", &Value::Null)).await), json!([null, [1], "undefined"]));
    assert_eq!(returned(first.call(hook("look", &Value::Null)).await), json!([true, ["owned"], "number"]));
}

/// A snapshot must not freeze entropy: 10,000 fresh instances, no value twice.
#[tokio::test]
async fn ten_thousand_fresh_calls_repeat_no_random_value() {
    let code = "Math.random(); export default { hooks: { h: () => [Math.random(), crypto.randomUUID()] } };";
    let image = prepare(code).await;
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let mut instance = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
        let values = returned(instance.call(hook("h", &Value::Null)).await);
        for value in values.as_array().unwrap() {
            assert!(seen.insert(value.to_string()), "{value} came twice");
        }
    }
}

#[tokio::test]
async fn math_random_is_spread_over_its_range() {
    let body = "const n = Array.from({ length: 1000 }, () => Math.random());
        return [n.every((x) => x >= 0 && x < 1), n.filter((x) => x < 0.5).length > 400, n.filter((x) => x < 0.5).length < 600]";
    assert_eq!(probe(body).await, json!([true, true, true]));
}

#[tokio::test]
async fn the_module_sees_no_clock_and_a_request_sees_the_hosts() {
    let code = "const loaded = Date.now(), then = performance.now();
        export default { hooks: { h: () => [loaded, then, new Date().toISOString(), performance.now()] } };";
    let image = prepare(code).await;
    let mut instance = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    let seen = returned(instance.call(hook("h", &Value::Null)).await);
    assert_eq!(seen, json!([0, 0, "2026-11-20T12:00:00.000Z", 0]));
}

#[tokio::test]
async fn patched_globals_do_not_reach_the_hosts_results() {
    let code = "const evil = () => { throw new Error('patched') };
        JSON.stringify = JSON.parse = () => '\"forged\"'; globalThis.JSON = {}; Promise.prototype.then = Promise.prototype.catch = evil;
        globalThis.Promise = class {}; Object.keys = Object.hasOwn = Object.entries = Reflect.apply = Reflect.ownKeys = evil;
        Array.prototype.push = Array.prototype.join = Array.prototype.map = evil; Array.prototype[Symbol.iterator] = evil;
        Map.prototype.get = Map.prototype.set = evil; Function.prototype.call = Function.prototype.apply = evil;
        String.prototype.startsWith = String.prototype.toLowerCase = evil; globalThis.Error = evil; Math.random = () => 4;
        export default { hooks: { h: async (event, ctx) => ({ event, got: await ctx.kv.get('k') }) } };";
    let image = prepare(code).await;
    let host = ScriptedHost::new([("kv.get", json!({"v": 1}))]);
    let mut instance = image.instantiate(&context(&[]), host.clone(), LIMITS).unwrap();
    assert_eq!(returned(instance.call(hook("h", &json!([1]))).await), json!({"event": [1], "got": {"v": 1}}));
    assert_eq!(host.calls_to("kv.get"), [json!(["k"])]);
}
