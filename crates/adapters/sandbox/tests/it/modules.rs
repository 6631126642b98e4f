//! What evaluating a module shows, and how it fails.

use std::os::unix::fs::PermissionsExt;

use emdash_ports::runtime::PluginRuntime;
use emdash_sandbox::{SandboxConfig, SandboxRuntime};
use emdash_types::ErrorCode;
use serde_json::json;

use crate::support::{config, prepare, sandbox, source};

async fn refusal(code: &str) -> String {
    let error = sandbox().prepare(source(code)).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::PluginStartFailed);
    error.message().to_owned()
}

#[tokio::test]
async fn the_shape_tells_what_only_the_code_knows() {
    let code = "export const helper = () => 1; export const data = 2;
        export default { id: 'ignored', hooks: { plain: () => 1, full: { handler() {}, priority: 210, timeout: 1e4, dependencies: ['a', 3],
            errorPolicy: 'continue', exclusive: true }, odd: { handler() {}, priority: 'x', timeout: NaN } },
          routes: { 'a/b': () => 1, pub: { handler() {}, public: true, permission: 'content:read', cacheControl: 'public, max-age=60' } } };";
    let image = prepare(code).await;
    insta::assert_json_snapshot!(image.entry());
}

#[tokio::test]
async fn a_module_may_await_at_top_level() {
    prepare("const v = await Promise.resolve(1); export default { hooks: {} };").await;
    let words = refusal("await new Promise(() => {}); export default {};").await;
    assert!(words.contains("top-level await waits for something that nothing can settle"), "{words}");
}

#[tokio::test]
async fn failures_name_the_plugin_the_error_and_the_place() {
    for (code, expected) in [
        (
            "export default {\n  hooks: {{\n};",
            "The module of probe@1.2.3 could not be evaluated: SyntaxError: ",
        ),
        ("const a = 1;\nthrow new TypeError('at load');", "TypeError: at load at <anonymous> (backend.js:2:"),
        ("import zod from 'zod'; export default {};", "Cannot import \"zod\": a plugin is one file"),
        ("import fs from 'node:fs'; export default {};", "Cannot import \"node:fs\""),
        ("const nothing = 1;", "The module exports nothing: it needs `export default { hooks, routes }`."),
        (
            "crypto.randomUUID(); export default {};",
            "Randomness is not available while the module is evaluated",
        ),
        (
            "setTimeout(() => {}, 1); export default {};",
            "timers are not available while the module is evaluated",
        ),
    ] {
        let words = refusal(code).await;
        assert!(words.contains(expected), "{words}");
    }
    let syntax = refusal("export default {\n  hooks: {{\n};").await;
    assert!(syntax.contains("backend.js:2:"), "{syntax}");
}

#[tokio::test]
async fn a_module_can_describe_itself() {
    let code = "import { definePlugin } from 'emdash'; export const auditLog = (o) => ({ id: 'audit-log', options: o ?? null });";
    assert_eq!(sandbox().describe(source(code)).await.unwrap(), json!({"id": "audit-log", "options": null}));
    let error = sandbox().describe(source("export const a = () => 1, b = () => 2;")).await.unwrap_err();
    assert!(error.message().contains("Expected one exported function, found 2"), "{}", error.message());
}

#[test]
fn a_cache_others_may_write_to_is_refused() {
    let cache_dir = config().cache_dir.with_file_name("engine-cache-open");
    std::fs::create_dir_all(&cache_dir).unwrap();
    std::fs::set_permissions(&cache_dir, std::fs::Permissions::from_mode(0o777)).unwrap();
    let error = SandboxRuntime::new(SandboxConfig { cache_dir, ..config() }).err().unwrap();
    assert_eq!(error.code(), ErrorCode::SandboxNotAvailable);
    assert!(error.message().contains("writable by others (mode 777)"), "{}", error.message());
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let cache_dir = config().cache_dir.with_file_name("engine-cache-damaged");
    let _ = std::fs::remove_dir_all(&cache_dir);
    let settings = SandboxConfig { cache_dir: cache_dir.clone(), ..config() };
    drop(SandboxRuntime::new(settings.clone()).unwrap());
    let files = || std::fs::read_dir(&cache_dir).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(files().count(), 2);
    for file in files() {
        let mut content = std::fs::read(&file).unwrap();
        *content.last_mut().unwrap() ^= 1;
        std::fs::write(&file, content).unwrap();
    }
    drop(SandboxRuntime::new(settings).unwrap());
}
