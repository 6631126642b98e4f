//! From one version to another and back: consent, code and data together, failures (plugin contract §7.5).

use std::fs;

use emdash_testkit::{Answer, ChildServer, Client, Plugin, Serving, TestServer, eventually, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::lifecycle::{assert_nothing_of, files_below};
use crate::support::{binary, draft, emdash, plugin_info};

const PLUGINS: &str = "/_emdash/api/admin/plugins";

/// Tells its version at a route, and counts calls of it in its KV.
fn teller(version: &str) -> Plugin {
    let code = r#"
        const version = "VERSION";
        export default {
            hooks: {
                "plugin:activate": async (event, ctx) => {
                    await ctx.kv.set("activated", [version, event.previousVersion ?? null]);
                },
            },
            routes: {
                tell: async (_, ctx) => {
                    const calls = ((await ctx.kv.get("calls")) ?? 0) + 1;
                    await ctx.kv.set("calls", calls);
                    return { code: version, told: ctx.plugin.version, calls, activated: await ctx.kv.get("activated") };
                },
            },
        };"#;
    Plugin::new("teller", &code.replace("VERSION", version))
        .version(version)
        .hooks(&["plugin:activate"])
        .routes(&["tell"])
}

/// The same with a module of its own.
fn teller_with(version: &str, code: &str) -> Plugin {
    Plugin::new("teller", code).version(version).hooks(&["plugin:activate"]).routes(&["tell"])
}

#[track_caller]
fn tell(admin: &Client) -> Value {
    admin.get("/_emdash/api/plugins/teller/tell").data()
}

fn update(admin: &Client, body: &Value) -> Answer {
    admin.post(&format!("{PLUGINS}/teller/update"), body)
}

/// A site with version 1.0.0, and another version in the marketplace.
fn site_with(next: &Plugin) -> TestServer {
    let server = TestServer::start();
    server.install(&teller("1.0.0"));
    server.publisher("Acme").publish(next).accepted();
    server
}

#[test]
fn an_update_brings_code_and_keeps_data_and_a_rollback_takes_both_back() {
    let server = site_with(&teller("1.1.0"));
    let admin = server.administrator();
    assert_eq!(tell(&admin)["calls"], 1);
    assert_json_snapshot!(admin.get(&format!("{PLUGINS}/updates")).data(), @r#"
    {
      "items": [
        {
          "pluginId": "teller",
          "installed": "1.0.0",
          "latest": "1.1.0",
          "hasUpdate": true,
          "hasCapabilityChanges": false,
          "hasRouteVisibilityChanges": false
        }
      ]
    }
    "#);
    assert_json_snapshot!(update(&admin, &json!({})).data(), @r#"
    {
      "pluginId": "teller",
      "oldVersion": "1.0.0",
      "newVersion": "1.1.0",
      "capabilityChanges": {
        "added": [],
        "removed": []
      },
      "hostChanges": {
        "added": [],
        "removed": []
      },
      "routeVisibilityChanges": {
        "newlyPublic": []
      },
      "mcpToolChanges": {
        "changed": []
      }
    }
    "#);
    assert_json_snapshot!(tell(&admin), @r#"
    {
      "code": "1.1.0",
      "told": "1.1.0",
      "calls": 2,
      "activated": [
        "1.1.0",
        "1.0.0"
      ]
    }
    "#);
    let info = plugin_info(&admin, "teller");
    assert_eq!((&info["version"], &info["previousVersion"]), (&json!("1.1.0"), &json!("1.0.0")));
    update(&admin, &json!({})).refused(409, "ALREADY_UP_TO_DATE");
    update(&admin, &json!({"version": "7.0.0"})).refused(404, "NO_VERSION");

    let server = server.restart();
    let admin = server.administrator();
    assert_eq!(tell(&admin)["calls"], 3);
    let back = admin.act(&format!("{PLUGINS}/teller/rollback")).data();
    assert_json_snapshot!(shape(back), @r#"
    {
      "pluginId": "teller",
      "oldVersion": "1.1.0",
      "newVersion": "1.0.0",
      "dataAsOf": "[time]"
    }
    "#);
    assert_json_snapshot!(tell(&admin), @r#"
    {
      "code": "1.0.0",
      "told": "1.0.0",
      "calls": 2,
      "activated": [
        "1.0.0",
        null
      ]
    }
    "#);
    admin.act(&format!("{PLUGINS}/teller/rollback")).refused(400, "INVALID_STATE");
    assert_eq!(files_below(server.data().path().join("sites/default/blobs/installed")).len(), 1);
    assert_eq!(files_below(server.data().path().join("sites/default/plugins/snapshots")).len(), 0);
}

#[test]
fn removing_an_updated_plugin_with_its_data_leaves_nothing_of_either_version() {
    let server = site_with(&teller("1.1.0"));
    let admin = server.administrator();
    update(&admin, &json!({})).accepted();
    admin.post(&format!("{PLUGINS}/teller/uninstall"), &json!({"deleteData": true})).accepted();
    assert_nothing_of(&server, "teller");
}

#[test]
fn a_plugin_that_is_off_stays_off_through_an_update() {
    let server = site_with(&teller("1.1.0"));
    let admin = server.administrator();
    admin.act(&format!("{PLUGINS}/teller/disable")).accepted();
    assert_eq!(update(&admin, &json!({})).data()["newVersion"], "1.1.0");
    assert_eq!(plugin_info(&admin, "teller")["status"], "inactive");
    admin.get("/_emdash/api/plugins/teller/tell").refused(404, "NOT_FOUND");
    admin.act(&format!("{PLUGINS}/teller/enable")).accepted();
    assert_eq!(tell(&admin)["activated"], json!(["1.1.0", null]));
}

#[test]
fn more_access_needs_to_be_agreed_to_and_a_rename_does_not() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(
        &teller("1.0.0")
            .capabilities(&["read:content", "network:request"])
            .with("allowedHosts", json!(["*.example.com"])),
    );
    let acme = server.publisher("Acme");
    acme.publish(
        &teller("1.1.0")
            .capabilities(&["content:read", "network:fetch"])
            .with("allowedHosts", json!(["API.example.com"])),
    )
    .accepted();
    let narrower = update(&admin, &json!({})).data();
    assert_eq!(narrower["capabilityChanges"], json!({"added": [], "removed": []}));

    acme.publish(
        &teller("2.0.0")
            .capabilities(&["content:write", "network:request"])
            .with("allowedHosts", json!(["api.example.com", "example.com"]))
            .with("routes", json!([{"name": "tell", "public": true}])),
    )
    .accepted();
    let check = admin.get(&format!("{PLUGINS}/updates")).data();
    assert_json_snapshot!(check["items"][0]["capabilityChanges"], @r#"
    {
      "added": [
        "content:write"
      ],
      "removed": []
    }
    "#);
    let refused = update(&admin, &json!({})).refused(403, "CAPABILITY_ESCALATION");
    assert_json_snapshot!(shape(refused["details"].clone()), @r#"
    {
      "capabilityChanges": {
        "added": [
          "content:write"
        ],
        "removed": []
      },
      "hostChanges": {
        "added": [
          "example.com"
        ],
        "removed": []
      },
      "routeVisibilityChanges": {
        "newlyPublic": [
          "tell"
        ]
      },
      "mcpToolChanges": {
        "changed": []
      },
      "plugin": "teller",
      "version": "2.0.0",
      "access": {
        "capabilities": [
          "content:read",
          "content:write",
          "network:request"
        ],
        "hosts": [
          "api.example.com",
          "example.com"
        ],
        "publicRoutes": [
          "tell"
        ],
        "mcpTools": []
      },
      "mcpTools": [],
      "lines": [
        "Create, change and delete your content, publishing included, and change entries while they are being saved.",
        "Send data to and fetch data from these hosts: api.example.com, example.com.",
        "Answer requests from anybody, without sign-in, at: tell."
      ]
    }
    "#);
    let capabilities = json!({"confirmCapabilityChanges": true});
    let refused = update(&admin, &capabilities).refused(403, "ROUTE_VISIBILITY_ESCALATION");
    assert_eq!(refused["details"]["routeVisibilityChanges"]["newlyPublic"], json!(["tell"]));
    assert_eq!(tell(&admin)["code"], "1.1.0");
    let other = json!({"access": {"capabilities": ["content:write"], "hosts": []}});
    update(&admin, &other).refused(403, "CONSENT_REQUIRED");
    let agreed = json!({"access": refused["details"]["access"]});
    assert_eq!(update(&admin, &agreed).data()["newVersion"], "2.0.0");
    let info = plugin_info(&admin, "teller");
    assert_eq!(info["capabilities"], json!(["content:read", "content:write", "network:request"]));
    admin.act(&format!("{PLUGINS}/teller/rollback")).accepted();
    assert_eq!(plugin_info(&admin, "teller")["capabilities"], json!(["content:read", "network:request"]));
    server.anonymous().get("/_emdash/api/plugins/teller/tell").refused(401, "NOT_AUTHENTICATED");
}

#[test]
fn tools_for_mcp_clients_are_agreed_to_apart() {
    let tools = |description: &str| {
        json!({"tools": [{"name": "tell", "description": description, "route": "tell",
            "permission": "plugins:manage", "destructive": true, "inputSchema": {"type": "object"}}]})
    };
    let server = site_with(&teller("2.0.0").with("mcp", tools("Tells.")));
    let admin = server.administrator();
    let refused = update(&admin, &json!({})).refused(400, "MCP_TOOL_CONSENT_REQUIRED");
    assert_json_snapshot!(refused["details"]["mcpTools"], @r#"
    [
      {
        "name": "tell",
        "description": "Tells.",
        "route": "tell",
        "permission": "plugins:manage",
        "destructive": true
      }
    ]
    "#);
    update(&admin, &json!({"confirmMcpTools": true})).accepted();
    assert_eq!(plugin_info(&admin, "teller")["mcpTools"][0]["name"], "tell");
}

#[test]
fn a_version_that_cannot_take_over_leaves_code_and_data_of_the_one_before() {
    let activate = |body: &str| {
        format!(
            r#"export default {{ hooks: {{ "plugin:activate": async (event, ctx) => {{ {body} }} }},
                routes: {{ tell: () => "new" }} }};"#
        )
    };
    let throws = activate(r#"await ctx.kv.set("calls", 1000); throw new Error("no licence");"#);
    let cases = [
        ("1.1.0", throws.as_str(), "Plugin update failed: no licence"),
        ("1.2.0", &activate("await ctx.kv.set('calls', 1000); for (;;) {}"), "Plugin update failed"),
    ];
    for (version, code, message) in cases {
        let server = site_with(&teller_with(version, code));
        let admin = server.administrator();
        tell(&admin);
        let refused = update(&admin, &json!({}));
        assert!(refused.status >= 400 && refused.text().contains(message), "{refused}");
        let told = tell(&admin);
        assert_eq!((&told["code"], &told["calls"]), (&json!("1.0.0"), &json!(2)), "{version}");
        let info = plugin_info(&admin, "teller");
        let reason = info["rollbackReason"].as_str().expect("a reason");
        assert!(reason.starts_with(&format!("Version {version} could not take over: {message}")), "{reason}");
        assert_eq!((&info["status"], &info["previousVersion"]), (&json!("active"), &Value::Null));
        let kept = files_below(server.data().path().join("sites/default/blobs/installed"));
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(tell(&server.restart().administrator())["calls"], 3);
    }
}

#[test]
fn a_version_that_fails_in_its_first_calls_is_taken_back_with_a_visible_reason() {
    let code = r#"export default {
        hooks: { "plugin:activate": () => {} },
        routes: { tell: async (_, ctx) => { await ctx.kv.set("calls", 1000); return ctx.nothing.here; } },
    };"#;
    let server = site_with(&teller_with("1.1.0", code));
    let admin = server.administrator();
    tell(&admin);
    update(&admin, &json!({})).accepted();
    for _ in 0..5 {
        admin.get("/_emdash/api/plugins/teller/tell").refused(400, "ROUTE_ERROR");
    }
    let told = eventually("it is taken back", || {
        let told = admin.get("/_emdash/api/plugins/teller/tell");
        (told.status == 200).then(|| told.data())
    });
    assert_eq!((&told["code"], &told["calls"]), (&json!("1.0.0"), &json!(2)));
    let reason = plugin_info(&admin, "teller")["rollbackReason"].clone();
    assert_json_snapshot!(reason, @r#""Version 1.1.0 failed in 5 of its first 6 calls, the last time in route tell: cannot read property 'here' of undefined""#);
}

#[test]
fn a_version_that_refuses_what_it_should_refuse_is_not_taken_back() {
    let strict = |version: &str| {
        let code = r#"export default { hooks: { "content:beforeSave": (event) => {
            if (event.content.title.length > 3) throw new Error("too long");
        } } };"#;
        Plugin::new("strict", code)
            .version(version)
            .capabilities(&["content:write"])
            .hooks(&["content:beforeSave"])
    };
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&strict("1.0.0"));
    server.publisher("Acme").publish(&strict("1.0.1")).accepted();
    admin.post(&format!("{PLUGINS}/strict/update"), &json!({})).accepted();
    for _ in 0..8 {
        admin.post(crate::support::POSTS, &json!({"data": {"title": "Long"}})).refused(422, "SAVE_REJECTED");
    }
    draft(&admin, "Fit");
    assert_eq!(plugin_info(&admin, "strict")["version"], "1.0.1");
}

#[test]
fn a_bundle_that_is_not_the_listed_one_changes_nothing() {
    let server = site_with(&teller("1.1.0"));
    let admin = server.administrator();
    let other = teller("1.2.0").bundle();
    for file in files_below(server.data().path().join("marketplace/blobs")) {
        if fs::read(&file).is_ok_and(|bytes| bytes == teller("1.1.0").bundle()) {
            fs::write(&file, &other).expect("the blob can be replaced");
        }
    }
    assert!(update(&admin, &json!({})).status >= 400);
    assert_eq!(tell(&admin)["code"], "1.0.0");
}

#[test]
fn the_command_line_updates_one_or_all_and_goes_back() {
    let server = ChildServer::start(binary(), emdash_testkit::TestData::with_site(), &[]);
    let admin = server.administrator();
    server.install(&teller("1.0.0"));
    let acme = server.publisher("Acme");
    acme.publish(&teller("1.1.0")).accepted();
    let token = server.data().administrator_token();
    let run = |arguments: &[&str]| {
        emdash(&[&["plugin"], arguments, &["--url", server.base(), "--token", &token, "--json"]].concat())
    };
    assert_eq!(run(&["update", "--check"]).done()["items"][0]["latest"], "1.1.0");
    assert_eq!(run(&["update", "--all"]).done()["updated"][0]["newVersion"], "1.1.0");
    assert_eq!(run(&["update", "--all"]).done()["updated"], json!([]));
    assert_eq!(run(&["rollback", "teller"]).done()["newVersion"], "1.0.0");
    acme.publish(&teller("2.0.0").capabilities(&["content:read"])).accepted();
    assert_eq!(run(&["update", "teller@1.1.0"]).done()["newVersion"], "1.1.0");
    let all = run(&["update", "--all"]);
    assert_eq!(
        (all.code, &all.json()["updated"][0]["error"]["code"]),
        (Some(1), &json!("CAPABILITY_ESCALATION"))
    );
    let refused = run(&["update", "teller"]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (Some(1), &json!("CAPABILITY_ESCALATION")));
    assert_eq!(run(&["update", "teller", "--yes"]).done()["newVersion"], "2.0.0");
    assert_eq!(tell(&admin)["code"], "2.0.0");
}
