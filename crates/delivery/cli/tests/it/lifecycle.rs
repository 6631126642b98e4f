//! A plugin's life on a site: consent, on and off, removal, and what survives a restart.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::thread;

use emdash_testkit::{Client, Plugin, Serving, TestData, TestServer, eventually, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{draft, plugin_info};

const PLUGINS: &str = "/_emdash/api/admin/plugins";

/// Counts saves in its own storage and tells the count.
fn counter() -> Plugin {
    let code = r#"
        export default {
            hooks: {
                "content:afterSave": async (event, ctx) => {
                    await ctx.kv.set("saves", ((await ctx.kv.get("saves")) ?? 0) + 1);
                    await ctx.kv.set(`told:${crypto.randomUUID()}`, event.content.id);
                },
            },
            routes: {
                count: async (_, ctx) => (await ctx.kv.get("saves")) ?? 0,
                told: async (_, ctx) => (await ctx.kv.list("told:")).map((entry) => entry.value),
            },
        };"#;
    Plugin::new("counter", code)
        .capabilities(&["content:read"])
        .hooks(&["content:afterSave"])
        .routes(&["count", "told"])
}

fn count(admin: &Client) -> Value {
    admin.get("/_emdash/api/plugins/counter/count").data()
}

fn wait_for_count(admin: &Client, wanted: u64) {
    eventually("the plugin has counted", || (count(admin) == json!(wanted)).then_some(()));
}

fn install(admin: &Client, id: &str, body: &Value) -> emdash_testkit::Answer {
    admin.post(&format!("{PLUGINS}/marketplace/{id}/install"), body)
}

#[test]
fn a_plugin_is_installed_only_with_consent_to_everything_it_asks_for() {
    let server = TestServer::start();
    let admin = server.administrator();
    let plugin = counter()
        .capabilities(&["content:read", "network:request"])
        .with("allowedHosts", json!(["api.example.com"]))
        .with("routes", json!([{"name": "count", "public": true}]));
    server.publisher("Acme").publish(&plugin).accepted();

    let refused = install(&admin, "counter", &json!({})).refused(403, "CONSENT_REQUIRED");
    assert_json_snapshot!(shape(refused["details"].clone()), @r#"
    {
      "plugin": "counter",
      "version": "1.0.0",
      "access": {
        "capabilities": [
          "content:read",
          "network:request"
        ],
        "hosts": [
          "api.example.com"
        ],
        "publicRoutes": [
          "count"
        ],
        "mcpTools": []
      },
      "lines": [
        "Read all your content, drafts included.",
        "Send data to and fetch data from these hosts: api.example.com.",
        "Answer requests from anybody, without sign-in, at: count."
      ]
    }
    "#);
    let partly = json!({"access": {"capabilities": ["content:read"], "hosts": [], "publicRoutes": []}});
    install(&admin, "counter", &partly).refused(403, "CONSENT_REQUIRED");
    assert_eq!(admin.get(PLUGINS).data()["items"], json!([]), "nothing was installed");

    let agreed = json!({"access": refused["details"]["access"]});
    let installed = install(&admin, "counter", &agreed);
    assert_eq!(installed.status, 201, "{installed}");
    assert_json_snapshot!(installed.data(), @r#"
    {
      "pluginId": "counter",
      "version": "1.0.0",
      "capabilities": [
        "content:read",
        "network:request"
      ]
    }
    "#);
    install(&admin, "counter", &agreed).refused(409, "ALREADY_INSTALLED");
    assert_json_snapshot!("plugin_info", shape(plugin_info(&admin, "counter")));
    eventually("the marketplace counts the installation", || {
        let listed = server.anonymous().get("/api/v1/plugins/counter").json();
        (listed["installCount"] == 1).then_some(())
    });
}

#[test]
fn a_plugin_is_told_of_every_save_once() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&counter());
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let admin = admin.clone();
            thread::spawn(move || {
                (0..10).for_each(|number| drop(draft(&admin, &format!("{writer} {number}"))))
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().expect("every save is taken"));
    eventually("the plugin was told of all", || (told(&admin).len() >= 40).then_some(()));
    let told = told(&server.restart().administrator());
    let distinct: BTreeSet<_> = told.iter().collect();
    assert_eq!((told.len(), distinct.len()), (40, 40));
}

fn told(admin: &Client) -> Vec<String> {
    let told = admin.get("/_emdash/api/plugins/counter/told").data();
    let told = told.as_array().expect("a list").iter();
    told.map(|id| id.as_str().expect("an id").to_owned()).collect()
}

#[test]
fn switching_off_takes_hooks_and_routes_away_at_once_and_keeps_the_data() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&counter());
    draft(&admin, "Counted");
    wait_for_count(&admin, 1);

    let off = admin.act(&format!("{PLUGINS}/counter/disable")).data();
    assert_eq!(
        (off["item"]["status"].as_str(), off["item"]["enabled"].as_bool()),
        (Some("inactive"), Some(false))
    );
    admin.get("/_emdash/api/plugins/counter/count").refused(404, "NOT_FOUND");
    admin.get("/api/plugins/counter/count").refused(404, "NOT_FOUND");
    draft(&admin, "Not counted");

    let on = admin.act(&format!("{PLUGINS}/counter/enable")).data();
    assert_eq!(on["item"]["status"], "active");
    draft(&admin, "Counted again");
    wait_for_count(&admin, 2);
}

#[test]
fn removal_keeps_the_data_unless_it_is_to_go_too() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&counter());
    draft(&admin, "Counted");
    wait_for_count(&admin, 1);
    let remove = |delete: bool| {
        admin.post(&format!("{PLUGINS}/counter/uninstall"), &json!({"deleteData": delete})).data()
    };
    let again = || install(&admin, "counter", &json!({"confirm": true})).accepted();

    assert_eq!(remove(false), json!({"pluginId": "counter", "dataDeleted": false}));
    admin.get(&format!("{PLUGINS}/counter")).refused(404, "NOT_FOUND");
    admin.get("/_emdash/api/plugins/counter/count").refused(404, "NOT_FOUND");
    again();
    assert_eq!(count(&admin), 1, "the data was kept");

    assert_eq!(remove(true), json!({"pluginId": "counter", "dataDeleted": true}));
    again();
    assert_eq!(count(&admin), 0, "the data is gone");
}

#[test]
fn active_plugins_are_back_after_a_restart_and_inactive_ones_stay_off() {
    let server = TestServer::start();
    server.install(&counter());
    server.install(&Plugin::new("sleeper", "export default { routes: { x: () => 1 } };").routes(&["x"]));
    server.administrator().act(&format!("{PLUGINS}/sleeper/disable")).accepted();
    let server = server.restart();
    let admin = server.administrator();
    assert_eq!(count(&admin), 0);
    admin.get("/_emdash/api/plugins/sleeper/x").refused(404, "NOT_FOUND");
    assert_eq!(plugin_info(&admin, "sleeper")["status"], "inactive");
}

#[test]
fn a_plugin_whose_bundle_is_damaged_is_off_with_a_reason_and_the_site_works() {
    let server = TestServer::start();
    server.install(&counter());
    let data = server.stop();
    let bundle = installed_bundle(&data, "counter");
    fs::write(&bundle, b"damaged").expect("the bundle can be damaged");
    let server = TestServer::start_with(data, Default::default());
    let admin = server.administrator();
    let info = plugin_info(&admin, "counter");
    assert_eq!(info["status"], "inactive");
    assert_json_snapshot!(info["disabledReason"], @r#""It could not be loaded when the server started: The installed bundle is not the one that was installed. Install the plugin again.""#);
    admin.get("/_emdash/api/plugins/counter/count").refused(404, "NOT_FOUND");
    draft(&admin, "The site works");
    server.anonymous().get("/").accepted();
    assert_eq!(server.anonymous().get("/readyz").status, 200);
}

fn installed_bundle(data: &TestData, id: &str) -> PathBuf {
    let folder = data.path().join("sites/default/blobs/installed").join(id);
    let files: Vec<_> = fs::read_dir(&folder).expect("the bundle is kept").flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].path()
}

#[test]
fn bytes_other_than_the_published_ones_are_not_installed() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.publisher("Acme").publish(&counter()).accepted();
    let other = counter().version("1.0.1").bundle();
    let mut tampered = 0;
    for file in files_below(server.data().path().join("marketplace/blobs")) {
        if fs::read(&file).is_ok_and(|bytes| bytes == counter().bundle()) {
            fs::write(&file, &other).expect("the blob can be replaced");
            tampered += 1;
        }
    }
    assert_eq!(tampered, 1, "the bundle is kept once");
    let refused = install(&admin, "counter", &json!({"confirm": true}));
    assert!(refused.status >= 400, "{refused}");
    assert_nothing_of(&server, "counter");
}

pub fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(path) } else { vec![path] }).collect()
}

/// Neither a row, a bundle nor a database of the plugin.
#[track_caller]
pub fn assert_nothing_of(server: &TestServer, id: &str) {
    server.administrator().get(&format!("{PLUGINS}/{id}")).refused(404, "NOT_FOUND");
    let traces: Vec<_> = files_below(server.data().path().join("sites"))
        .into_iter()
        .filter(|file| file.to_string_lossy().contains(&format!("/{id}")))
        .collect();
    assert!(traces.is_empty(), "{traces:?}");
}

#[test]
fn a_plugin_that_fails_when_it_is_installed_leaves_nothing_behind() {
    let server = TestServer::start();
    let code = r#"export default { hooks: {
        "plugin:install": async (_, ctx) => { await ctx.kv.set("half", true); throw new Error("no room"); },
    } };"#;
    server.publisher("Acme").publish(&Plugin::new("halfway", code).hooks(&["plugin:install"])).accepted();
    let refused = install(&server.administrator(), "halfway", &json!({"confirm": true}));
    assert!(refused.status >= 400 && refused.text().contains("no room"), "{refused}");
    assert_nothing_of(&server, "halfway");
}

#[test]
fn a_release_that_is_no_sound_bundle_is_refused_with_its_fault_and_not_listed() {
    let server = TestServer::start();
    let publisher = server.publisher("Acme");
    let valid = counter().bundle();
    // A version that was refused by the review is not used again.
    let second = || Plugin::new("counter", "for (;;) {} export default {};").version("1.0.1");
    let cases = [
        ("not an archive", b"PK\x03\x04".to_vec()),
        ("cut short", valid[..valid.len() / 2].to_vec()),
        ("unknown hook", counter().hooks(&["content:beforeSaved"]).bundle()),
        ("unknown capability", counter().capabilities(&["content:reed"]).bundle()),
        ("wrong type", counter().with("storage", json!([])).bundle()),
        ("syntax error", Plugin::new("counter", "export default {").bundle()),
        ("loops", second().bundle()),
        ("node", Plugin::new("counter", "import 'node:fs'; export default {};").bundle()),
    ];
    let refusals: Vec<Value> = cases
        .into_iter()
        .map(|(what, bytes)| {
            let answer = publisher.publish_bytes("counter", &bytes);
            json!({"case": what, "status": answer.status, "body": shape(without_checksum(answer.json()))})
        })
        .collect();
    assert_json_snapshot!("refused_releases", refusals);
    assert_eq!(server.anonymous().get("/api/v1/plugins").json()["items"], json!([]));
    assert_nothing_of(&server, "counter");
}

fn without_checksum(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "checksum" | "bundleSize"));
    }
    body
}

#[test]
fn what_a_plugin_logs_is_there_for_the_administrator() {
    let server = TestServer::start();
    let admin = server.administrator();
    let code = r#"export default { routes: {
        say: async (_, ctx) => { ctx.log.warn("careful", { level: 3 }); return null; },
    } };"#;
    server.install(&Plugin::new("talker", code).routes(&["say"]));
    assert_eq!(admin.get("/_emdash/api/plugins/talker/say").data(), Value::Null);
    let log = admin.get(&format!("{PLUGINS}/talker/log")).data();
    assert_json_snapshot!(shape(log), @r#"
    {
      "items": [
        {
          "number": 1,
          "at": "[time]",
          "level": "warn",
          "during": "route say",
          "message": "careful",
          "data": {
            "level": 3
          }
        }
      ]
    }
    "#);
    assert_eq!(plugin_info(&admin, "talker")["health"]["calls"], 1);
}
