//! Hooks and routes: what reaches them and what comes back (contract §2.1 to §2.3).

use emdash_ports::runtime::{GuestCall, GuestOutcome, GuestStop, GuestTarget};
use serde_json::{Value, json};

use crate::support::{ScriptedHost, hook, instance, responded, returned, route, stopped, threw};

async fn call(code: &str, call: GuestCall) -> emdash_ports::runtime::GuestReport {
    instance(code, ScriptedHost::new([])).await.call(call).await
}

#[tokio::test]
async fn a_hook_gets_the_event_and_its_result_comes_back() {
    let code = "export default { hooks: { 'content:beforeSave': async (event) => ({ ...event.content, seen: true }) } };";
    let report = call(code, hook("content:beforeSave", &json!({"content": {"title": "a"}}))).await;
    assert_eq!(returned(report), json!({"title": "a", "seen": true}));
}

#[tokio::test]
async fn a_configured_hook_and_a_double_wrapped_module_work_too() {
    let code =
        "export default { default: { hooks: { save: { priority: 5, handler: (event) => event + 1 } } } };";
    assert_eq!(returned(call(code, hook("save", &json!(1))).await), json!(2));
}

#[tokio::test]
async fn a_missing_hook_is_no_error_and_an_inherited_name_is_missing() {
    let code = "export default { hooks: {} };";
    for name in ["content:afterSave", "toString", "constructor", "__proto__"] {
        let report = call(code, hook(name, &Value::Null)).await;
        assert!(matches!(report.outcome, Ok(GuestOutcome::Returned(None))), "{name}");
    }
}

#[tokio::test]
async fn a_missing_route_says_so() {
    let thrown = threw(call("export default { routes: {} };", route("toString", &Value::Null)).await);
    assert_eq!((thrown.message.as_str(), thrown.status), ("Route not found: toString", Some(404)));
}

#[tokio::test]
async fn a_handler_that_is_no_function_says_so() {
    let code = "export default { hooks: { save: { handler: 1 } } };";
    let thrown = threw(call(code, hook("save", &Value::Null)).await);
    assert_eq!(thrown.message, "Hook save handler is not a function");
}

#[tokio::test]
async fn a_route_gets_input_request_and_user() {
    let code = "export default { routes: { 'a/b': async ({ input, request, requestMeta, user }) =>
        ({ input, method: request.method, ip: requestMeta.ip, user: user.id, keys: Object.keys(request.headers) }) } };";
    let input = json!({"input": {"q": "x"}, "request": {"method": "POST", "url": "https://x.example/", "meta": {"ip": "1.2.3.4"},
        "headers": {"x-a": "1"}, "user": {"id": "u"}}});
    let expected =
        json!({"input": {"q": "x"}, "method": "POST", "ip": "1.2.3.4", "user": "u", "keys": ["x-a"]});
    assert_eq!(returned(call(code, route("a/b", &input)).await), expected);
}

#[tokio::test]
async fn request_headers_are_a_record_that_also_answers_get() {
    let code = "export default { routes: { r: ({ request: { headers } }) =>
        [headers['x-a'], headers.get('X-A'), headers.get('nope'), headers.has('x-a'), [...headers.entries()], { ...headers }] } };";
    let input = json!({"request": {"headers": {"x-a": "1"}}});
    let expected = json!(["1", "1", null, true, [["x-a", "1"]], {"x-a": "1"}]);
    assert_eq!(returned(call(code, route("r", &input)).await), expected);
}

#[tokio::test]
async fn reading_the_request_body_explains_itself() {
    let code = "export default { routes: { r: ({ request }) => request.json() } };";
    let thrown = threw(call(code, route("r", &json!({}))).await);
    assert_eq!(thrown.message, "request.json() is not available: the parsed body is routeCtx.input");
}

#[tokio::test]
async fn a_route_may_take_one_merged_argument() {
    let code = "export default { routes: { r: async (all) => [all.plugin.id, await all.kv.get('k'), Object.keys(all)] } };";
    let report = call(code, route("r", &json!({"input": 1}))).await;
    assert_eq!(returned(report), json!(["probe", null, ["input", "request", "requestMeta", "user"]]));
}

#[tokio::test]
async fn an_input_schema_decides_before_the_handler_and_its_defaults_apply() {
    let code = "const schema = { safeParse: (v) => typeof v?.n === 'number' ? { success: true, data: { n: v.n, d: 'default' } }
          : { success: false, error: { issues: [{ path: ['n'], message: 'Expected number' }] } } };
        export default { routes: { r: { input: schema, handler: ({ input }) => input } } };";
    assert_eq!(
        returned(call(code, route("r", &json!({"input": {"n": 1}}))).await),
        json!({"n": 1, "d": "default"})
    );
    let thrown = threw(call(code, route("r", &json!({"input": {}}))).await);
    assert_eq!((thrown.code.as_deref(), thrown.status), (Some("VALIDATION_ERROR"), Some(400)));
    assert_eq!(thrown.details, Some(json!({"issues": [{"path": ["n"], "message": "Expected number"}]})));
}

#[tokio::test]
async fn schemas_that_throw_and_standard_schemas_are_run_as_well() {
    let throwing = "export default { routes: { r: { input: { parse() { throw new Error('no good'); } }, handler: () => 1 } } };";
    assert_eq!(threw(call(throwing, route("r", &json!({}))).await).code.as_deref(), Some("VALIDATION_ERROR"));
    let standard =
        "export default { routes: { r: { input: { '~standard': { validate: async (v) => ({ value: [v] }) } },
        handler: ({ input }) => input } } };";
    assert_eq!(returned(call(standard, route("r", &json!({"input": 7}))).await), json!([7]));
}

#[tokio::test]
async fn a_thrown_error_keeps_name_code_status_details_and_stack() {
    let code = "export default { hooks: { h() { const e = new RangeError('too much'); e.code = 'E_MUCH'; e.status = 409;
        e.details = { at: [1] }; throw e; } } };";
    let thrown = threw(call(code, hook("h", &Value::Null)).await);
    assert_eq!((thrown.name.as_str(), thrown.message.as_str()), ("RangeError", "too much"));
    assert_eq!((thrown.code.as_deref(), thrown.status), (Some("E_MUCH"), Some(409)));
    assert_eq!(thrown.details, Some(json!({"at": [1]})));
    assert!(thrown.stack.unwrap().contains("backend.js:1:"));
}

#[tokio::test]
async fn thrown_values_that_are_no_errors_and_hostile_ones_are_reported() {
    let throwing = |value: &str| format!("export default {{ hooks: {{ h() {{ throw {value}; }} }} }};");
    for (value, message) in [
        ("'words'", "words"),
        ("42", "42"),
        ("null", "null"),
        ("undefined", "undefined"),
        ("{ message: 'like an error' }", "like an error"),
        ("{ get message() { throw 1; }, get name() { throw 2; }, details: 1n }", ""),
        ("new Proxy({}, { get() { throw new Error('trap'); } })", ""),
    ] {
        assert_eq!(threw(call(&throwing(value), hook("h", &Value::Null)).await).message, message, "{value}");
    }
}

#[tokio::test]
async fn a_plugin_route_error_of_the_virtual_module_carries_its_status() {
    let code = "import { definePlugin, PluginRouteError } from 'emdash';
        export default definePlugin({ routes: { r() { throw PluginRouteError.conflict('taken', { id: 1 }); } } });";
    let thrown = threw(call(code, route("r", &json!({}))).await);
    assert_eq!((thrown.name.as_str(), thrown.code.as_deref()), ("PluginRouteError", Some("CONFLICT")));
    assert_eq!((thrown.status, thrown.details), (Some(409), Some(json!({"id": 1}))));
}

#[tokio::test]
async fn a_response_may_be_returned_or_thrown() {
    let code = "export default { routes: {
        returned: () => Response.json({ ok: 1 }, { status: 201, headers: { 'X-A': 'b' } }),
        thrown() { throw new Response('gone', { status: 410 }); } } };";
    let first = responded(call(code, route("returned", &json!({}))).await);
    assert_eq!((first.thrown, first.status, first.body.as_slice()), (false, 201, &b"{\"ok\":1}"[..]));
    assert_eq!(
        first.headers,
        [("content-type", "application/json"), ("x-a", "b")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let second = responded(call(code, route("thrown", &json!({}))).await);
    assert_eq!((second.thrown, second.status, second.body.as_slice()), (true, 410, &b"gone"[..]));
}

#[tokio::test]
async fn results_follow_json_and_what_is_not_json_is_refused() {
    let code = "export default { hooks: { date: () => ({ at: new Date(0), map: new Map([[1, 2]]), gone: undefined }),
        cyclic() { const a = {}; a.a = a; return a; }, big: () => 1n, fn: () => () => 1 } };";
    let report = call(code, hook("date", &Value::Null)).await;
    assert_eq!(returned(report), json!({"at": "1970-01-01T00:00:00.000Z", "map": {}}));
    for name in ["cyclic", "big"] {
        let stop = stopped(call(code, hook(name, &Value::Null)).await);
        assert!(matches!(stop, GuestStop::OutputInvalid { .. }), "{name}: {stop:?}");
    }
    assert!(matches!(call(code, hook("fn", &Value::Null)).await.outcome, Ok(GuestOutcome::Returned(None))));
}

#[tokio::test]
async fn a_named_export_can_be_called() {
    let code = "export async function transform_content(event, ctx) { return [event, ctx.plugin.version]; }";
    let mut call = hook("transform_content", &json!("in"));
    call.target = GuestTarget::Function;
    let report = instance(code, ScriptedHost::new([])).await.call(call).await;
    assert_eq!(returned(report), json!(["in", "1.2.3"]));
}
