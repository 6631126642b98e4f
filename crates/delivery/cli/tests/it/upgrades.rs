//! Replacing a plugin under load drops no request and mixes none; a kill in the middle leaves the old or the new (C35).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use emdash_testkit::{
    ChildServer, Client, Method, Options, Plugin, Serving, TestData, TestServer, eventually,
};
use serde_json::{Value, json};

use crate::support::{POSTS, binary, plugin_info};

const PLUGINS: &str = "/_emdash/api/admin/plugins";

/// Marks every entry before it is saved and remembers after it what its own instance had marked it with.
fn marker(version: &str) -> Plugin {
    let code = r#"
        const version = "VERSION";
        let marked = null;
        export default {
            hooks: {
                "content:beforeSave": (event, ctx) => {
                    marked = version;
                    return { ...event.content, title: `${version} ${ctx.plugin.version}` };
                },
                "content:afterSave": async (event, ctx) => {
                    await ctx.kv.set(`seen:${event.content.id}`, [version, marked, event.content.data.title]);
                },
            },
            routes: {
                tell: (_, ctx) => [version, ctx.plugin.version],
                mixed: async (_, ctx) => (await ctx.kv.list("seen:"))
                    .filter(({ value: [now, then, title] }) => now !== then || title !== `${now} ${now}`),
            },
        };"#;
    Plugin::new("marker", &code.replace("VERSION", version))
        .version(version)
        .capabilities(&["content:write"])
        .hooks(&["content:beforeSave", "content:afterSave"])
        .routes(&["tell", "mixed"])
}

fn load(admin: &Client, plugin: &Plugin) {
    let path = format!("{PLUGINS}/develop");
    admin.send_bytes(Method::POST, &path, "application/gzip", plugin.bundle()).accepted();
}

/// Replaces the plugin so many times while four clients save and call.
fn replace_under_load(upgrades: usize) {
    let options = Options { development: true, ..Options::default() };
    let server = TestServer::start_with(TestData::with_site(), options);
    let admin = server.administrator();
    let versions = [marker("1.0.0"), marker("1.0.1")];
    load(&admin, &versions[0]);
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|number| {
            let (admin, stop, done) = (admin.clone(), Arc::clone(&stop), Arc::clone(&done));
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    if number % 2 == 0 {
                        let told = admin.get("/_emdash/api/plugins/marker/tell").data();
                        assert_eq!(told[0], told[1], "a call saw two releases");
                    } else {
                        let saved = admin.post(POSTS, &json!({"data": {"title": "?"}})).data();
                        let title = saved["item"]["data"]["title"].as_str().expect("a title").to_owned();
                        let (code, told) = title.split_once(' ').expect("the plugin marked it");
                        assert_eq!(code, told, "a save saw two releases");
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    eventually("the clients are at work", || (done.load(Ordering::Relaxed) > 8).then_some(()));
    for upgrade in 1..=upgrades {
        load(&admin, &versions[upgrade % 2]);
    }
    stop.store(true, Ordering::Relaxed);
    clients.into_iter().for_each(|client| client.join().expect("every request was answered as it should be"));
    let mixed = admin.get("/_emdash/api/plugins/marker/mixed").data();
    assert_eq!(mixed, json!([]), "a save's hooks ran in two releases");
    let info = plugin_info(&admin, "marker");
    assert_eq!((&info["source"], &info["health"]["errors"]), (&json!("development"), &json!(0)), "{info}");
}

#[test]
fn replacing_a_plugin_under_load_drops_no_request_and_mixes_none() {
    replace_under_load(60);
}

#[test]
#[ignore = "takes minutes: cargo xtask upgrades"]
fn ten_thousand_upgrades_under_load_drop_nothing() {
    replace_under_load(10_000);
}

/// Writes a hundred keys in its own format when it takes over, and tells which formats it finds.
fn migrating(version: &str) -> Plugin {
    let code = r#"
        const version = "VERSION";
        export default {
            hooks: {
                "plugin:activate": async (event, ctx) => {
                    for (let i = 0; i < 100; i++) await ctx.kv.set(`row:${i}`, version);
                },
            },
            routes: {
                formats: async (_, ctx) => {
                    const found = new Set((await ctx.kv.list("row:")).map((row) => row.value));
                    return { version, formats: [...found] };
                },
            },
        };"#;
    Plugin::new("migrating", &code.replace("VERSION", version))
        .version(version)
        .hooks(&["plugin:activate"])
        .routes(&["formats"])
}

#[test]
fn a_kill_in_the_middle_of_an_update_leaves_the_old_or_the_new_and_never_a_mix() {
    let mut server = ChildServer::start(binary(), TestData::with_site(), &[]);
    server.install(&migrating("1.0.0"));
    server.publisher("Acme").publish(&migrating("2.0.0")).accepted();
    let mut seen = Vec::new();
    for round in 0..6 {
        let changes = Arc::new(AtomicUsize::new(0));
        let changer = {
            let (admin, changes) = (server.administrator(), Arc::clone(&changes));
            thread::spawn(move || {
                // To and fro until the server is gone; which of the two applies is for the server to know.
                for action in ["update", "rollback"].into_iter().cycle() {
                    let path = format!("{PLUGINS}/migrating/{action}");
                    if admin.try_send(Method::POST, &path, "", Vec::new()).is_err() {
                        return;
                    }
                    changes.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        eventually("changes are under way", || (changes.load(Ordering::Relaxed) >= round).then_some(()));
        let data = server.kill();
        changer.join().expect("it ends when the server is gone");
        server = ChildServer::start(binary(), data, &[]);
        let admin = server.administrator();
        let told = admin.get("/_emdash/api/plugins/migrating/formats").data();
        assert_eq!(told["formats"], json!([told["version"]]), "round {round}");
        let info = plugin_info(&admin, "migrating");
        assert_eq!(
            (&info["version"], &info["status"]),
            (&told["version"], &json!("active")),
            "round {round}"
        );
        seen.push(told["version"].clone());
    }
    assert!(seen.iter().all(|version: &Value| version.is_string()), "{seen:?}");
}
