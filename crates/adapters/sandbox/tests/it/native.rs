//! Native plugins: the components of `fixtures/native` (C36).

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use emdash_ports::runtime::{
    EntryHook, GuestCall, GuestReport, GuestStop, HostCall, HostCallProgress, HostCalls, InstanceLimits,
    PluginCode, PluginImage, PluginRuntime, PluginSource,
};
use emdash_sandbox::{SandboxConfig, SandboxRuntime, componentise};
use emdash_types::{Error, ErrorCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::operations::Gate;
use crate::support::{
    CPU, LIMITS, Later, ScriptedHost, config, context, hook, responded, returned, route, sandbox, stopped,
    threw,
};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/native")
}

fn component(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).unwrap()
}

fn native(component: Vec<u8>) -> PluginSource {
    let code = PluginCode::Component(component.into());
    PluginSource { label: "probe@1.2.3".to_owned(), code, limits: LIMITS, cpu: CPU }
}

async fn probe() -> Arc<dyn PluginImage> {
    static PROBE: OnceCell<Arc<dyn PluginImage>> = OnceCell::const_new();
    let prepare = || async { sandbox().prepare(native(component("probe.wasm"))).await.unwrap() };
    Arc::clone(PROBE.get_or_init(prepare).await)
}

async fn call_with(call: GuestCall, host: Arc<dyn HostCalls>, limits: InstanceLimits) -> GuestReport {
    probe().await.instantiate(&context(&["content:read"]), host, limits).unwrap().call(call).await
}

async fn run(name: &str, input: &Value) -> GuestReport {
    call_with(hook(name, input), ScriptedHost::new([]), LIMITS).await
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_components_were_built_from_these_sources() {
    let sdk = fixtures().join("../../sdk/rust");
    let mut files: Vec<PathBuf> = ["build.sh", "Cargo.lock", "Cargo.toml"].map(PathBuf::from).into();
    for folder in ["emdash-plugin", "examples", "probe", "../../wit/next"] {
        files_below(&sdk, PathBuf::from(folder), &mut files);
    }
    files.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    let mut sources = Sha256::new();
    for file in files {
        sources.update(fs::read(sdk.join(file)).unwrap());
    }
    let mut expected = format!("sources {}\n", hex(sources.finalize()));
    for name in ["seo-score", "probe"] {
        expected += &format!("{name} {}\n", hex(Sha256::digest(component(&format!("{name}.wasm")))));
    }
    let recorded = fs::read_to_string(fixtures().join("native.sha256")).unwrap();
    assert_eq!(recorded, expected, "run sdk/rust/build.sh");
}

fn files_below(root: &std::path::Path, folder: PathBuf, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root.join(&folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() { files_below(root, path, files) } else { files.push(path) }
    }
}

#[tokio::test]
async fn a_component_says_which_hooks_and_routes_it_has() {
    let image = probe().await;
    let shape = image.entry();
    let found = shape.hooks.iter().find(|hook| hook.name == "echo").unwrap();
    let expected = EntryHook {
        name: "echo".to_owned(),
        priority: 100.0,
        timeout: 5000.0,
        dependencies: vec!["other".to_owned()],
        error_policy: "continue".to_owned(),
        exclusive: false,
    };
    assert_eq!(found, &expected);
    let echo = &shape.routes[0];
    assert_eq!((echo.name.as_str(), echo.public), ("echo", true));
    assert_eq!(echo.cache_control.as_deref(), Some("max-age=60"));
}

#[tokio::test]
async fn a_hook_answers_leaves_alone_or_throws() {
    assert_eq!(returned(run("echo", &json!({"a": ["ü", 1]})).await), json!({"a": ["ü", 1]}));
    assert_eq!(returned(run("noop", &Value::Null).await), Value::Null);
    assert_eq!(returned(run("no such hook", &Value::Null).await), Value::Null);
    let thrown = threw(run("throw", &Value::Null).await);
    assert_eq!(
        (thrown.message.as_str(), thrown.code.as_deref(), thrown.status),
        ("No.", Some("MINE"), Some(409))
    );
    assert_eq!(thrown.details, Some(json!({"why": "because"})));
}

#[tokio::test]
async fn a_route_answers_with_a_value_or_a_response_of_its_own() {
    let call = |name: &str, context: Value| call_with(route(name, &context), ScriptedHost::new([]), LIMITS);
    let request = json!({"url": "https://example.org/x", "method": "POST", "headers": {}});
    let said = returned(call("echo", json!({"input": {"a": 1}, "request": request})).await);
    assert_eq!(said, json!({"input": {"a": 1}, "method": "POST"}));
    let page = responded(call("page", json!({"request": request})).await);
    assert_eq!((page.status, page.body.as_slice()), (201, b"a page".as_slice()));
    let missing = threw(call("nowhere", json!({"request": request})).await);
    assert_eq!((missing.code.as_deref(), missing.status), (Some("NOT_FOUND"), Some(404)));
}

/// The broker cannot tell a component's calls from a module's.
#[tokio::test]
async fn every_family_of_the_world_makes_the_host_call_of_its_name() {
    let host = ScriptedHost::new([
        ("kv.get", json!(1)),
        ("kv.list", json!([{"key": "k", "value": 1}])),
        ("kv.delete", json!(true)),
        ("storage.get", json!({"n": 1})),
        ("storage.getMany", json!([["one", {"n": 1}]])),
        ("storage.exists", json!(true)),
        ("storage.query", json!({"items": [{"id": "one", "data": {"n": 1}}], "hasMore": false})),
        ("storage.count", json!(2)),
        ("storage.delete", json!(true)),
        ("storage.deleteMany", json!(1)),
        ("content.get", json!({"id": "p"})),
        ("content.list", json!({"items": []})),
        ("content.delete", json!(true)),
        ("http.fetch", json!({"status": 200, "url": "https://example.org/", "headers": [], "body": "YQ=="})),
    ]);
    let later: Arc<dyn HostCalls> = Arc::new(Later(Arc::clone(&host)));
    let said = returned(call_with(hook("surface", &Value::Null), later, LIMITS).await);
    let calls: Vec<String> =
        host.calls.lock().iter().map(|(name, arguments)| format!("{name} {arguments}")).collect();
    insta::assert_snapshot!(format!("{}\n\n{said:#}", calls.join("\n")));
}

#[tokio::test]
async fn calls_made_together_are_all_started_before_the_first_completes() {
    let report = call_with(hook("side-by-side", &json!(5)), Arc::new(Gate::new(5)), LIMITS).await;
    assert_eq!(report.usage.host_calls, 5);
    assert_eq!(returned(report), json!([["0"], ["1"], ["2"], ["3"], ["4"]]));
    let stop = stopped(run("side-by-side", &json!(17)).await);
    assert!(matches!(stop, GuestStop::OutputInvalid { .. }), "{stop:?}");
}

#[tokio::test]
async fn hooks_of_one_request_share_memory_and_requests_do_not() {
    let image = probe().await;
    let take = || image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    let (mut one, mut other) = (take(), take());
    assert_eq!(returned(one.call(hook("count", &Value::Null)).await), json!(1));
    assert_eq!(returned(one.call(hook("count", &Value::Null)).await), json!(2));
    assert_eq!(returned(other.call(hook("count", &Value::Null)).await), json!(1));
}

#[tokio::test]
async fn clock_and_randomness_are_the_hosts_and_fresh() {
    let first = returned(run("random", &Value::Null).await);
    let second = returned(run("random", &Value::Null).await);
    assert!(first[0] != second[0] && first[1] != second[1], "{first} {second}");
    assert_eq!(returned(run("clock", &Value::Null).await), json!(1_795_176_000_000_u64));
    let stop = stopped(run("much-randomness", &Value::Null).await);
    assert!(matches!(stop, GuestStop::OutputInvalid { .. }), "{stop:?}");
}

#[tokio::test]
async fn a_loop_ends_with_the_cpu_budget_and_others_go_on() {
    let image = probe().await;
    let mut hostile = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    let call = GuestCall { cpu: Duration::from_millis(20), ..hook("loop", &Value::Null) };
    let stop = stopped(hostile.call(call).await);
    let GuestStop::CpuLimit { limit, used } = stop else { panic!("{stop:?}") };
    assert!(limit == Duration::from_millis(20) && used >= limit, "{used:?}");
    assert!(matches!(stopped(hostile.call(hook("noop", &Value::Null)).await), GuestStop::Crashed { .. }));
    assert_eq!(returned(run("echo", &json!(1)).await), json!(1));
}

#[tokio::test]
async fn waiting_for_the_host_costs_time_but_no_cpu() {
    let call = GuestCall { wall: Duration::from_millis(20), ..hook("wait", &Value::Null) };
    // Two are expected and one comes.
    let report = call_with(call, Arc::new(Gate::new(2)), LIMITS).await;
    assert!(report.usage.cpu < Duration::from_millis(20));
    assert_eq!(stopped(report), GuestStop::TimeLimit { limit: Duration::from_millis(20) });
}

#[tokio::test]
async fn a_memory_bomb_is_a_stop_within_the_budget() {
    let report = run("memory", &Value::Null).await;
    assert!(report.usage.memory_limit_hit);
    assert!(report.usage.memory_bytes <= LIMITS.memory_bytes);
    assert_eq!(stopped(report), GuestStop::MemoryLimit { limit: LIMITS.memory_bytes });
    let small = InstanceLimits { memory_bytes: 1 << 20, ..LIMITS };
    let report = call_with(hook("noop", &Value::Null), ScriptedHost::new([]), small).await;
    assert_eq!(stopped(report), GuestStop::MemoryLimit { limit: 1 << 20 }, "it starts with more");
}

#[tokio::test]
async fn traps_and_runaway_recursion_end_the_call() {
    for attack in ["trap", "panic", "recursion"] {
        let stop = stopped(run(attack, &Value::Null).await);
        assert!(matches!(stop, GuestStop::Crashed { .. }), "{attack}: {stop:?}");
    }
    let host = ScriptedHost::new([]);
    call_with(hook("panic", &Value::Null), host.clone(), LIMITS).await;
    let told = host.calls_to("log")[0].to_string();
    assert!(told.starts_with(r#"["error","panicked at"#), "{told}");
}

#[tokio::test]
async fn what_is_too_large_is_refused_on_the_way_out() {
    let large = "x".repeat(LIMITS.payload_bytes);
    let stop = stopped(run("echo", &json!(large)).await);
    let reason = "the result is 262146 bytes; the limit is 262144".to_owned();
    assert_eq!(stop, GuestStop::OutputInvalid { reason });
    let roomy = InstanceLimits { memory_bytes: 96 << 20, ..LIMITS };
    for attack in ["huge", "huge-argument", "print-too-much", "many-at-once"] {
        let host = ScriptedHost::new([]);
        let stop = stopped(call_with(hook(attack, &Value::Null), host.clone(), roomy).await);
        assert!(matches!(stop, GuestStop::OutputInvalid { .. }), "{attack}: {stop:?}");
        assert!(host.calls.lock().is_empty(), "{attack}");
    }
}

/// A33: absent, and on record with what was tried.
#[tokio::test]
async fn what_plugins_do_not_have_is_refused_by_name() {
    for (attack, called) in [
        ("files", "wasi:filesystem/preopens.get-directories"),
        ("socket", "wasi:sockets/instance-network.instance-network"),
        ("environment", "wasi:cli/environment.get-environment"),
        ("arguments", "wasi:cli/environment.get-arguments"),
        ("exit", "wasi:cli/exit.exit"),
        ("vault", "elsewhere:secrets/vault.open"),
    ] {
        let stop = stopped(run(attack, &Value::Null).await);
        assert_eq!(stop, GuestStop::Forbidden { what: called.to_owned() }, "{attack}");
    }
    let roomy = InstanceLimits { memory_bytes: 96 << 20, ..LIMITS };
    let stop = stopped(call_with(hook("big-vault", &Value::Null), ScriptedHost::new([]), roomy).await);
    assert!(matches!(stop, GuestStop::OutputInvalid { .. }), "{stop:?}");
}

#[tokio::test]
async fn standard_output_goes_to_the_log_line_by_line() {
    let host = ScriptedHost::new([]);
    let said = returned(call_with(hook("print", &Value::Null), host.clone(), LIMITS).await);
    assert_eq!(said, json!([true, 1_795_176_000_u64]));
    let lines = host.calls_to("log");
    assert_eq!(lines, [json!(["info", "one"]), json!(["info", "two"]), json!(["info", "three"])]);
}

#[tokio::test]
async fn a_refused_host_call_is_a_failure_with_its_code() {
    struct Refusing;
    impl HostCalls for Refusing {
        fn start(&self, _: HostCall) -> HostCallProgress {
            HostCallProgress::Ready(Err(Error::new(ErrorCode::CapabilityMissing, "Missing capability: x")))
        }
    }
    let thrown = threw(call_with(hook("call", &Value::Null), Arc::new(Refusing), LIMITS).await);
    assert_eq!(thrown.code.as_deref(), Some("CAPABILITY_MISSING"));
    assert_eq!(thrown.message, "Missing capability: x");
}

#[tokio::test]
async fn what_is_no_plugin_component_is_refused_with_a_reason() {
    let refused = async |bytes: &[u8]| {
        let error = sandbox().prepare(native(bytes.to_vec())).await.err().unwrap();
        assert_eq!(error.code(), ErrorCode::PluginStartFailed);
        error.message().to_owned()
    };
    let core = wasm_encoder::Module::new().finish();
    assert!(refused(&core).await.contains("it is no Wasm component"));
    let empty = wasm_encoder::Component::new().finish();
    assert!(refused(&empty).await.contains("it does not fit the world emdash:plugin"));
    let mut torn = component("probe.wasm");
    torn.truncate(torn.len() / 2);
    refused(&torn).await;
    assert_eq!(componentise(b"text").unwrap_err().code(), ErrorCode::InvalidBundle);
}

#[tokio::test]
async fn a_compiled_component_is_kept_and_a_damaged_one_compiled_again() {
    let cache_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("component-cache");
    let kept = || -> Vec<PathBuf> {
        let files = fs::read_dir(&cache_dir).unwrap().map(|entry| entry.unwrap());
        let ours = files.filter(|file| file.file_name().to_string_lossy().starts_with("component-"));
        ours.map(|file| file.path()).collect()
    };
    let _ = fs::remove_dir_all(&cache_dir);
    let small = SandboxConfig { max_instances: 2, cache_dir: cache_dir.clone(), ..config() };
    let runtime = SandboxRuntime::new(small).unwrap();
    let seo = component("seo-score.wasm");
    for damage in [false, true, true] {
        if damage {
            let file = &kept()[0];
            let mut bytes = fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(file, bytes).unwrap();
        }
        let image = runtime.prepare(native(seo.clone())).await.unwrap();
        assert_eq!(image.entry().hooks.len(), 2);
        assert_eq!(kept().len(), 1);
    }
}
