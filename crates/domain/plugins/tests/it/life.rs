//! Switching on and off, starting again, uninstalling (plugin contract §7.4, §7.6, §7.8).

use emdash_manifest::Hook;
use emdash_plugins::{LoadReport, RouteReply};
use emdash_types::{Caller, ErrorCode};
use serde_json::json;

use crate::fixture::{fixture, id, manifest, with};
use crate::scripted::{End, Script, throw};

const SYSTEM: Caller = Caller::System;

/// Counts its own moments in its KV and tells them at the route `moments`.
fn counting() -> Script {
    let moments = ["plugin:install", "plugin:activate", "plugin:deactivate", "plugin:uninstall"];
    let script = moments.into_iter().fold(Script::default(), |script, hook| {
        script.hook(hook, move |guest, event| async move {
            let mut seen = guest.ask("kv.get", json!(["moments"])).await.unwrap();
            if seen.is_null() {
                seen = json!([]);
            }
            seen.as_array_mut().unwrap().push(json!([hook, event]));
            guest.ask("kv.set", json!(["moments", seen])).await.unwrap();
            End::Undefined
        })
    });
    script.route("moments", |guest, _| async move {
        End::Value(guest.ask("kv.get", json!(["moments"])).await.unwrap())
    })
}

fn with_moments(plugin: &str) -> serde_json::Value {
    let hooks = json!(["plugin:install", "plugin:activate", "plugin:deactivate", "plugin:uninstall"]);
    with(manifest(plugin), json!({"hooks": hooks, "routes": ["moments"]}))
}

#[tokio::test]
async fn off_means_no_routes_and_no_hooks_and_the_data_is_there_when_it_is_on_again() {
    let site = fixture();
    site.install(&with_moments("p"), counting()).await;
    let generation = site.host.generation_number();

    let off = site.host.disable(&SYSTEM, &id("p")).await.unwrap();
    assert_eq!((off.enabled, off.status.as_str(), off.has_hooks), (false, "inactive", true));
    assert_eq!(site.access(&id("p"), "moments"), None);
    assert!(site.host.generation_number() > generation);
    site.host.disable(&SYSTEM, &id("p")).await.unwrap();

    let on = site.host.enable(&SYSTEM, &id("p")).await.unwrap();
    assert!(on.enabled);
    site.host.enable(&SYSTEM, &id("p")).await.unwrap();
    let reply = site.call("p", "moments").await.unwrap();
    let expected =
        r#"[["plugin:install",{}],["plugin:activate",{}],["plugin:deactivate",{}],["plugin:activate",{}]]"#;
    assert_eq!(reply, RouteReply::Data { json: Some(expected.into()), cache_control: None });
    assert_eq!(site.host.enable(&SYSTEM, &id("q")).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_plugin_that_fails_to_activate_stays_off_and_one_that_fails_to_deactivate_goes_off() {
    let site = fixture();
    let hooks = with(manifest("p"), json!({"hooks": ["plugin:activate", "plugin:deactivate"]}));
    let script = Script::default()
        .hook("plugin:activate", |guest, _| async move {
            match guest.ask("kv.get", json!(["again"])).await.unwrap().is_null() {
                true => End::Undefined,
                false => throw("not again"),
            }
        })
        .hook("plugin:deactivate", |guest, _| async move {
            guest.ask("kv.set", json!(["again", true])).await.unwrap();
            throw("no!")
        });
    site.install(&hooks, script).await;
    assert!(!site.host.disable(&SYSTEM, &id("p")).await.unwrap().enabled);
    let error = site.host.enable(&SYSTEM, &id("p")).await.unwrap_err();
    assert_eq!(error.message(), "Plugin activation failed: not again");
    assert!(!site.host.get(&SYSTEM, &id("p")).await.unwrap().enabled);
}

#[tokio::test]
async fn a_start_loads_the_active_plugins_and_switches_off_what_cannot_be_loaded() {
    let site = fixture();
    let hooks = json!({"hooks": ["page:metadata"]});
    let script = || Script::default().hook("page:metadata", |_, _| async { End::Undefined });
    for plugin in ["good", "broken", "tampered", "off"] {
        site.install(&with(manifest(plugin), hooks.clone()), script()).await;
    }
    site.host.disable(&SYSTEM, &id("off")).await.unwrap();
    site.runtime
        .know("export default \"broken\"", Script { broken: Some("backend.js:1:1: no".into()), ..script() });
    let tampered = site.kept().into_iter().find(|file| file.contains("/tampered/")).unwrap();
    std::fs::write(site.directory.path().join(tampered), "other bytes").unwrap();

    let report = site.host.load().await.unwrap();
    let reason = |why: &str| format!("It could not be loaded when the server started: {why}");
    let changed = "The installed bundle is not the one that was installed. Install the plugin again.";
    assert_eq!(
        report,
        LoadReport {
            loaded: vec!["good@1.0.0".into()],
            disabled: vec![
                ("broken".into(), reason("backend.js:1:1: no")),
                ("tampered".into(), reason(changed)),
            ],
        }
    );
    assert!(site.host.listens(Hook::PageMetadata));
    let broken = site.host.get(&SYSTEM, &id("broken")).await.unwrap();
    assert_eq!(broken.disabled_reason, Some(reason("backend.js:1:1: no")));
    assert_eq!(site.host.load().await.unwrap().disabled, [], "once");
    assert!(site.kept().contains(&"plugins/broken.db".to_owned()), "data is kept");

    site.runtime.know("export default \"broken\"", script());
    assert_eq!(site.host.enable(&SYSTEM, &id("broken")).await.unwrap().disabled_reason, None);
}

#[tokio::test]
async fn uninstalling_keeps_the_data_unless_told_otherwise() {
    let site = fixture();
    site.install(&with_moments("p"), counting()).await;
    assert!(!site.host.uninstall(&SYSTEM, &id("p"), false).await.unwrap());
    site.clock.advance_millis(1);
    assert_eq!(site.host.list(&SYSTEM).await.unwrap(), []);
    assert!(site.kept().iter().all(|file| file.starts_with("plugins/")), "the bundle is gone");

    site.install(&with_moments("p"), counting()).await;
    let reply = site.call("p", "moments").await.unwrap();
    let RouteReply::Data { json: Some(moments), .. } = reply else { panic!("data") };
    assert!(
        moments.contains(r#"["plugin:deactivate",{}],["plugin:uninstall",{"deleteData":false}]"#),
        "{moments}"
    );

    site.host.disable(&SYSTEM, &id("p")).await.unwrap();
    site.clock.advance_millis(1);
    assert!(site.host.uninstall(&SYSTEM, &id("p"), true).await.unwrap());
    assert_eq!(site.kept(), Vec::<String>::new());
    assert_eq!(site.host.uninstall(&SYSTEM, &id("p"), true).await.unwrap_err().code(), ErrorCode::NotFound);
    let actions: Vec<_> = site
        .store
        .read()
        .await
        .unwrap()
        .audit_list(9)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.action)
        .collect();
    assert_eq!(
        actions,
        ["plugin.uninstall", "plugin.disable", "plugin.install", "plugin.uninstall", "plugin.install"]
    );
}
