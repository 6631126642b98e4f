//! The manifest forms, good and bad.

use std::time::Duration;

use emdash_manifest::{
    AccessDiff, AuthoringManifest, BodyMode, Capability, EntryHook, EntryRoute, EntryShape, EntryTool,
    ErrorPolicy, Hook, Manifest, ManifestErrors, ManifestForm, RouteBody,
};
use emdash_types::{Error, ErrorCode};
use insta::assert_snapshot;
use serde_json::json;

const AUDIT_LOG: &str = include_str!("../fixtures/audit-log/manifest.json");
const AUDIT_LOG_AUTHORED: &str = include_str!("../fixtures/audit-log/emdash-plugin.jsonc");

fn read(text: &str, file: &str) -> Result<Manifest, ManifestErrors> {
    Manifest::read(text.as_bytes(), file)
}

/// The issues of a manifest that must be refused, one per line.
fn issues(text: &str, file: &str) -> String {
    let errors = read(text, file).unwrap_err();
    errors.issues().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn hook(name: &str) -> EntryHook {
    EntryHook {
        name: name.to_owned(),
        priority: 100.0,
        timeout: 5000.0,
        dependencies: Vec::new(),
        error_policy: "abort".to_owned(),
        exclusive: false,
    }
}

fn route(name: &str) -> EntryRoute {
    EntryRoute {
        name: name.to_owned(),
        public: false,
        permission: None,
        cache_control: None,
        methods: Vec::new(),
        body: None,
        max_bytes: None,
        headers: None,
        raw_response: false,
    }
}

#[test]
fn a_published_manifest_is_read_and_written_back_unchanged() {
    let manifest = read(AUDIT_LOG, "manifest.json").unwrap();
    assert_eq!(manifest.label(), "audit-log@0.2.0");
    assert_eq!(manifest.hooks.len(), 9);
    assert!(manifest.storage["entries"].is_indexed("action"));
    let ours: serde_json::Value = serde_json::from_str(&manifest.to_bundle_json()).unwrap();
    let theirs: serde_json::Value = serde_json::from_str(AUDIT_LOG).unwrap();
    assert_eq!(ours, theirs);
}

#[test]
fn a_published_plugin_may_declare_hooks_beyond_its_capabilities() {
    let manifest = read(AUDIT_LOG, "manifest.json").unwrap();
    let beyond: Vec<_> = manifest.hooks_without_capability().collect();
    assert_eq!(
        beyond,
        [
            (Hook::ContentBeforeSave, Capability::ContentWrite),
            (Hook::MediaAfterUpload, Capability::MediaRead)
        ]
    );
}

fn entry(hooks: &[EntryHook], routes: &[EntryRoute]) -> EntryShape {
    EntryShape { hooks: hooks.to_vec(), routes: routes.to_vec(), tools: Vec::new(), functions: Vec::new() }
}

#[test]
fn the_authors_file_and_the_module_make_the_published_manifest() {
    let authored =
        AuthoringManifest::read(AUDIT_LOG_AUTHORED.as_bytes(), AuthoringManifest::FILE_NAME).unwrap();
    assert_eq!(authored.authors[0].name, "Matt Kane");
    let mut manifest = authored.into_manifest(Some("0.2.0")).unwrap();
    let published = read(AUDIT_LOG, "manifest.json").unwrap();
    let hooks: Vec<_> = published.hooks.iter().map(|declared| hook(declared.hook.name())).collect();
    let routes: Vec<_> = published.routes.iter().map(|declared| route(&declared.name)).collect();
    manifest.adopt_entry(&entry(&hooks, &routes)).unwrap();

    let written = read(&manifest.to_bundle_json(), "manifest.json").unwrap();
    assert_eq!(written.hooks, published.hooks);
    assert_eq!(written.admin, published.admin);
    assert!(AccessDiff::between(&published, &written).is_empty());
    assert_eq!(written.listing.license.as_deref(), Some("MIT"));
}

#[test]
fn the_bundler_needs_a_version_from_somewhere() {
    let authored = AuthoringManifest::read(AUDIT_LOG_AUTHORED.as_bytes(), "emdash-plugin.jsonc").unwrap();
    let error = authored.clone().into_manifest(None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "emdash-plugin.jsonc:1:1: version: \"version\" is missing, here and in package.json"
    );
    assert!(authored.into_manifest(Some("workspace:*")).is_err());
}

#[test]
fn a_legacy_package_describes_itself() {
    let descriptor = json!({
        "id": "@emdash-cms/webhook-notifier", "version": "0.1.3", "format": "standard",
        "entrypoint": "@emdash-cms/plugin-webhook-notifier/sandbox",
        "capabilities": ["network:fetch:any"],
        "storage": { "deliveries": { "indexes": ["timestamp", "webhookUrl", "status"] } },
        "adminPages": [{ "path": "/settings", "label": "Webhook Settings", "icon": "send" }],
        "adminWidgets": [{ "id": "status", "title": "Webhooks", "size": "third" }],
    });
    let mut manifest = Manifest::from_package_descriptor(&descriptor, "dist/index.mjs").unwrap();
    assert_eq!(manifest.label(), "emdash-cms-webhook-notifier@0.1.3");
    assert!(manifest.reaches_any_host());
    let problems =
        manifest.adopt_entry(&entry(&[hook("content:afterSave")], &[route("status")])).unwrap_err();
    assert_eq!(problems, ["admin pages and widgets are drawn by a route called \"admin\"; add it"]);
    manifest.adopt_entry(&entry(&[hook("content:afterSave")], &[route("admin")])).unwrap();

    let native = json!({ "id": "x", "version": "1.0.0", "format": "native" });
    let error = Manifest::from_package_descriptor(&native, "dist/index.mjs").unwrap_err();
    assert!(error.to_string().starts_with("dist/index.mjs:1:1: format: a native plugin"), "{error}");
}

const PLUGIN_JSON: &str = r#"{
  "name": "Auto Blog SEO",
  "version": "1.0.0",
  "api_version": "1",
  "hooks": {
    "content:before_save": "transform_content",
    "scheduler:tick": "generate_scheduled_posts",
    "admin:settings_panel": "render_settings_ui"
  },
  "sandbox": {
    "allowed_hosts": ["api.openai.com", "api.anthropic.com"],
    "max_cpu_ms": 250,
    "max_memory_mb": 32
  }
}"#;

#[test]
fn plugin_json_maps_hooks_to_handlers_and_sets_budgets() {
    let manifest = read(PLUGIN_JSON, "auto-blog/plugin.json").unwrap();
    assert_eq!(manifest.form, ManifestForm::PluginJson);
    assert_eq!(manifest.id.as_str(), "auto-blog-seo");
    assert_eq!(manifest.hook(Hook::ContentBeforeSave).unwrap().name_in_module, "transform_content");
    assert_eq!(manifest.budgets.cpu, Duration::from_millis(250));
    assert_eq!(manifest.budgets.memory_bytes, 32 << 20);
    assert_eq!(manifest.budgets.chain_wall, Duration::from_secs(5));
    assert_eq!(manifest.capabilities.names(), ["content:read", "content:write", "network:request"]);
}

#[test]
fn plugin_json_has_the_documented_defaults() {
    let text = r#"{"name":"x","version":"1.0.0","api_version":"1","hooks":{},"sandbox":{}}"#;
    let manifest = read(text, "plugin.json").unwrap();
    assert_eq!(manifest.budgets.cpu, Duration::from_millis(500), "A7");
    assert_eq!(manifest.budgets.memory_bytes, 64 << 20, "A8");
    assert_eq!(manifest.budgets.network_calls, 10, "A18");
    assert!(manifest.capabilities.is_empty());
}

#[test]
fn plugin_json_always_aborts_and_misses_no_handler() {
    let mut manifest = read(PLUGIN_JSON, "plugin.json").unwrap();
    let continuing = EntryHook { error_policy: "continue".to_owned(), ..hook("transform_content") };
    let missing = manifest.merge_entry(&entry(&[continuing, hook("scheduler:tick")], &[])).unwrap_err();
    assert_eq!(
        missing,
        [
            "the hook admin:settingsPanel is handled by \"render_settings_ui\", which the module does not export"
        ]
    );
    assert_eq!(manifest.hook(Hook::ContentBeforeSave).unwrap().error_policy, ErrorPolicy::Abort);
    assert_eq!(manifest.hook(Hook::SchedulerTick).unwrap().name_in_module, "scheduler:tick");
}

#[test]
fn the_module_fills_gaps_but_never_opens_a_route() {
    let text = r#"{"id":"x","version":"1.0.0","capabilities":[],"allowedHosts":[],"storage":{},"admin":{},
        "hooks":["cron",{"name":"content:afterSave","priority":10,"timeout":90000}],"routes":["feed"]}"#;
    let mut manifest = read(text, "manifest.json").unwrap();
    let found = |name: &str| EntryHook {
        priority: 7.0,
        timeout: 1500.0,
        dependencies: vec!["other".to_owned()],
        error_policy: "continue".to_owned(),
        exclusive: true,
        ..hook(name)
    };
    let open = EntryRoute { public: true, cache_control: Some("max-age=60".to_owned()), ..route("feed") };
    let extra = [found("cron"), found("content:after_save"), found("content:beforeSave")];
    manifest.merge_entry(&entry(&extra, &[open, route("undeclared")])).unwrap();

    let cron = manifest.hook(Hook::Cron).unwrap();
    assert_eq!((cron.priority, cron.timeout, cron.exclusive), (7.0, Duration::from_millis(1500), false));
    assert_eq!((cron.error_policy, cron.dependencies.len()), (ErrorPolicy::Continue, 1));
    let after = manifest.hook(Hook::ContentAfterSave).unwrap();
    assert_eq!((after.priority, after.timeout), (10.0, Duration::from_secs(30)), "declared, and capped");
    assert_eq!(after.name_in_module, "content:after_save");
    assert!(manifest.hook(Hook::ContentBeforeSave).is_none());
    assert!(!manifest.routes[0].public);
    assert_eq!(manifest.routes[0].cache_control.as_deref(), Some("max-age=60"));
    assert_eq!(manifest.routes.len(), 1);
}

#[test]
fn the_embed_manifest_is_explicit_in_everything() {
    let text = r#"{
      "apiVersion": "v2", "id": "emDash-content-gen", "name": "Content Generator", "version": "2.1.0",
      "targetPlatform": "wordpress", "minHostVersion": ">=0.1.0",
      "capabilities": ["embed:toolbar-button", "webhook:ai-response"],
      "permissions": ["read:form-schemas"],
      "runtime": { "sandbox": "shadow-dom", "maxPayloadBytes": 524288 }
    }"#;
    let manifest = read(text, "plugin-manifest.json").unwrap();
    assert_eq!(manifest.id.as_str(), "emdash-content-gen");
    assert_eq!(manifest.minimum_host.unwrap().to_string(), "0.1.0");
    assert_eq!(manifest.embed.unwrap().max_payload_bytes, 524_288);

    assert_snapshot!(issues(r#"{ "apiVersion": "v3", "id": "x", "runtime": { "sandbox": "shadowdom", "maxPayloadBytes": 524289 } }"#, "plugin-manifest.json"), @r#"
    plugin-manifest.json:1:1: "version" is missing
    plugin-manifest.json:1:1: "name" is missing
    plugin-manifest.json:1:1: "targetPlatform" is missing
    plugin-manifest.json:1:1: "minHostVersion" is missing
    plugin-manifest.json:1:1: "capabilities" is missing
    plugin-manifest.json:1:1: "permissions" is missing
    plugin-manifest.json:1:17: apiVersion: "v3" is not allowed here: this host knows apiVersion "v2"
    plugin-manifest.json:1:58: runtime.sandbox: "shadowdom" is not a known embed sandbox; did you mean "shadow-dom"?
    plugin-manifest.json:1:90: runtime.maxPayloadBytes: must be a whole number from 1 to 524288, is 524289
    "#);
}

#[test]
fn declared_access_replaces_the_flat_fields_and_never_widens() {
    let manifest = |access: &str| {
        let text = format!(
            r#"{{"id":"x","version":"1.0.0","declaredAccess":{access},"capabilities":["users:read"],
            "allowedHosts":["*"],"storage":{{}},"hooks":[],"routes":[],"admin":{{}}}}"#
        );
        read(&text, "manifest.json")
    };
    let scoped =
        manifest(r#"{"content":{"write":{}},"network":{"request":{"allowedHosts":["a.com"]}},"future":1}"#);
    let scoped = scoped.unwrap();
    assert_eq!(scoped.capabilities.names(), ["content:read", "content:write", "network:request"]);
    assert_eq!(scoped.listed_hosts().len(), 1);
    assert!(manifest(r#"{"network":{"request":{}}}"#).unwrap().reaches_any_host());
    assert!(manifest("{}").unwrap().capabilities.is_empty());
    let empty = manifest(r#"{"network":{"request":{"allowedHosts":[]}}}"#).unwrap_err();
    assert!(
        empty
            .to_string()
            .contains("declaredAccess.network.request.allowedHosts: must name at least one host")
    );
    assert!(manifest(r#"{"email":{"send":true}}"#).is_err());
}

#[test]
fn everything_wrong_is_named_with_line_and_column() {
    let text = r#"{
  "id": "Bad Id",
  "version": "1.0",
  "capabilities": ["content:reed", "read:content", 7],
  "allowedHosts": ["https://a.com/x"],
  "storage": { "entries": { "indexes": ["time-stamp", []] } },
  "hooks": ["content:beforSave", { "name": "cron", "timeout": 0 }, "cron"],
  "routes": ["ok", { "name": "admin", "public": "yes", "permission": "plugins:mange" }],
  "admin": { "widgets": [{ "id": "w", "size": "quarter" }], "settingsSchema": { "k": { "type": "text", "label": "K" } } },
  "unknown": { "is": "ignored" }
}"#;
    assert_snapshot!(issues(text, "manifest.json"), @r#"
    manifest.json:2:9: id: "Bad Id" is not a plugin id: a lower-case letter, then lower-case letters, digits, - and _, at most 128
    manifest.json:3:14: version: "1.0" is not a version like 1.2.3 or 1.2.3-beta.1: unexpected end of input while parsing minor version number
    manifest.json:4:52: capabilities[2]: must be a string, is a number
    manifest.json:5:20: allowedHosts[0]: "https://a.com/x" is not a host pattern: write a host (api.example.com), *.example.com or *, without scheme, port or path
    manifest.json:6:41: storage.entries.indexes[0]: "time-stamp" is not allowed here: a field name is a letter, then letters, digits and _
    manifest.json:6:55: storage.entries.indexes[1]: an index needs at least one field
    manifest.json:7:63: hooks[1].timeout: must be a whole number from 1 to 4294967295, is 0
    manifest.json:7:68: hooks[2]: the hook cron is declared twice
    manifest.json:8:49: routes[1].public: must be true or false, is a string
    manifest.json:8:70: routes[1].permission: "plugins:mange" is not a known permission; did you mean "plugins:manage"?
    manifest.json:9:47: admin.widgets[0].size: "quarter" is not a known widget size; known are full, half, third
    manifest.json:9:96: admin.settingsSchema.k.type: "text" is not a known setting type; known are string, number, boolean, select, secret, url, email
    "#);
}

/// Plugin contract §12.98; the bundler still refuses such names.
#[test]
fn a_bundle_of_a_newer_host_gets_what_is_known_and_says_what_is_not() {
    let text = r#"{"id":"x","version":"1.0.0","capabilities":["content:read","schema:read"],"allowedHosts":[],"storage":{},
        "hooks":["content:afterSave",{"name":"content:beforePublish"}],"routes":[],"admin":{}}"#;
    let manifest = read(text, "manifest.json").unwrap();
    assert_eq!(manifest.capabilities.names(), ["content:read"]);
    assert_eq!(manifest.hooks.len(), 1);
    assert_eq!(manifest.unsupported.capabilities, ["schema:read"]);
    assert_eq!(manifest.unsupported.hooks, ["content:beforePublish"]);
    assert!(manifest.consent_lines().iter().any(|line| line.contains("does not grant: schema:read")));
    let authored = r#"{"slug":"x","license":"MIT","capabilities":["schema:read"]}"#;
    assert!(AuthoringManifest::read(authored.as_bytes(), "emdash-plugin.jsonc").is_err());
}

#[test]
fn a_raw_route_declares_methods_body_and_headers() {
    let raw = r#"{"name":"hook","public":true,"methods":["GET","POST"],"response":"raw",
        "request":{"body":{"mode":"bytes","maxBytes":1024},"headers":["X-Signature"]}}"#;
    let text = |route: &str| {
        format!(
            r#"{{"id":"x","version":"1.0.0","capabilities":[],"allowedHosts":[],"storage":{{}},"hooks":[],"routes":[{route}],"admin":{{}}}}"#
        )
    };
    let manifest = read(&text(raw), "manifest.json").unwrap();
    let route = manifest.route("hook").unwrap();
    assert_eq!(route.body, RouteBody::Declared { mode: BodyMode::Bytes, max_bytes: 1024 });
    assert_eq!(route.headers.as_deref(), Some(&["x-signature".to_owned()][..]));
    assert!(route.raw_response && route.answers("HEAD") && !route.answers("PUT"));
    let again = read(&manifest.to_bundle_json(), "manifest.json").unwrap();
    assert_eq!(again.routes, manifest.routes);
    assert!(read(&text(r#"{"name":"a","methods":["BREW"]}"#), "manifest.json").is_err());
    assert!(read(&text(r#"{"name":"a","request":{"body":"yaml"}}"#), "manifest.json").is_err());
}

#[test]
fn a_tool_of_the_module_stands_on_a_private_route() {
    let tool = EntryTool {
        name: "search".to_owned(),
        description: Some("Searches.".to_owned()),
        route: Some("find".to_owned()),
        destructive: false,
        input_schema: Some(serde_json::json!({"type": "object"})),
        output_schema: None,
    };
    let mut shape =
        entry(&[], &[EntryRoute { permission: Some("content:read".to_owned()), ..route("find") }]);
    shape.tools = vec![tool.clone()];
    let mut manifest = read(AUDIT_LOG, "manifest.json").unwrap();
    manifest.admin = emdash_manifest::Admin::default();
    manifest.adopt_entry(&shape).unwrap();
    assert_eq!(manifest.mcp_tools[0].permission, emdash_types::Permission::ContentRead);

    shape.routes[0].public = true;
    shape.tools.push(EntryTool { name: "a b".to_owned(), ..tool.clone() });
    shape.tools.push(EntryTool { name: "lost".to_owned(), route: Some("nowhere".to_owned()), ..tool });
    assert_eq!(
        manifest.adopt_entry(&shape).unwrap_err(),
        [
            "the tool search stands on the public route find; make it private",
            "\"a b\" is not a tool name: use letters, digits, _ and -",
            "the tool lost names no route the module exports",
        ]
    );
}

#[test]
fn broken_json_is_located_too() {
    assert_snapshot!(issues("{\n  \"id\": \"x\",\n  // no comments here\n}", "manifest.json"), @"manifest.json:3:3: not valid JSON: Comments are not allowed");
    assert_snapshot!(issues("{\"id\": \"é\", \"id\": 1}", "manifest.json").lines().next().unwrap(), @r#"manifest.json:1:1: "version" is missing"#);
    assert_snapshot!(issues("", "manifest.json"), @"manifest.json:1:1: the file is empty; a manifest is a JSON object");
    assert_snapshot!(issues("[]", "plugin.json"), @"plugin.json:1:1: must be an object, is an array");
    assert_snapshot!(issues("{}", "package.json"), @r#"
    package.json:1:1: "package.json" is not a manifest; expected manifest.json, plugin.json, plugin-manifest.json
    "#);
    assert!(issues(&"[".repeat(100_000), "manifest.json").contains("nesting"));
    let not_text = Manifest::read(b"{\"id\":\n\"\xff\"}", "manifest.json").unwrap_err();
    assert_snapshot!(not_text.to_string(), @"manifest.json:2:2: the file is not UTF-8 text from here on");
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(300_000));
    assert_snapshot!(issues(&long, "manifest.json"), @"manifest.json:1:1: the file has 300009 bytes; at most 262144 are read");
}

#[test]
fn plugin_json_refuses_what_it_does_not_know_and_what_is_too_much() {
    let text = r#"{
  "name": "x", "version": "1.0.0", "api_version": "2", "apiVersion": "1",
  "hooks": { "content:before_saved": "f", "cron": 3, "content:afterSave": "g", "content:after_save": "g" },
  "sandbox": { "allowed_host": [], "max_cpu_ms": 60000, "max_memory_mb": 0.5 }
}"#;
    assert_snapshot!(issues(text, "plugin.json"), @r#"
    plugin.json:2:51: api_version: "2" is not allowed here: this host knows api_version "1"
    plugin.json:2:70: apiVersion: unknown key "apiVersion"; did you mean "api_version"?
    plugin.json:3:38: hooks.content:before_saved: "content:before_saved" is not a known hook; did you mean "content:before_save"?
    plugin.json:3:51: hooks.cron: must be a string, is a number
    plugin.json:3:102: hooks.content:after_save: the hook content:afterSave is declared twice, in two spellings
    plugin.json:4:32: sandbox.allowed_host: unknown key "allowed_host"; did you mean "allowed_hosts"?
    plugin.json:4:50: sandbox.max_cpu_ms: must be a whole number from 1 to 5000, is 60000
    plugin.json:4:74: sandbox.max_memory_mb: must be a whole number from 8 to 256, is 0.5
    "#);
}

#[test]
fn the_authors_file_is_strict() {
    let text = r#"{
  // comments and trailing commas are fine here
  "slug": "x", "license": "MIT", "capabilites": [],
  "capabilities": ["read:content", "network:request"],
  "storage": { "My Things": { "indexes": [] } },
  "admin": { "pages": [{ "path": "settings", "label": "S" }], },
}"#;
    let errors = AuthoringManifest::read(text.as_bytes(), "emdash-plugin.jsonc").unwrap_err();
    let lines: Vec<_> = errors.issues().iter().map(ToString::to_string).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    emdash-plugin.jsonc:1:1: network:request needs at least one host in "allowedHosts"
    emdash-plugin.jsonc:3:49: capabilites: unknown key "capabilites"; did you mean "capabilities"?
    emdash-plugin.jsonc:4:20: capabilities[0]: is the old name; write "content:read"
    emdash-plugin.jsonc:5:29: storage["My Things"]: a collection name is a lower-case letter, then lower-case letters, digits and _
    emdash-plugin.jsonc:6:34: admin.pages[0].path: "settings" is not allowed here: a page path is a slash, then letters, digits, /, _ and -
    "#);
}

#[test]
fn an_error_for_programs_lists_every_issue() {
    let errors =
        read(r#"{"version":"1.0.0","name":"x","hooks":[],"sandbox":{}}"#, "plugin.json").unwrap_err();
    let error = Error::from(errors);
    assert_eq!(error.code(), ErrorCode::InvalidManifest);
    let details = error.details_value().unwrap();
    assert_eq!(details["issues"][0]["file"], "plugin.json");
    assert_eq!(details["issues"][0]["line"], 1);
    assert!(error.message().ends_with("(and 1 more problem)"), "{}", error.message());
}
