//! The hooks of one request (A14–A16, rulings 13–15; plugin contract §4).

use std::sync::atomic::Ordering;
use std::time::Duration;

use emdash_manifest::Hook;
use emdash_plugins::{BeforeDelete, Consent};
use emdash_ports::runtime::{EntryHook, GuestException, GuestStop};
use emdash_types::{Caller, CollectionName, ErrorCode};
use serde_json::{Value, json};

use crate::fixture::{bundle, fixture, id, manifest, map, save, update, with};
use crate::scripted::{End, Script, throw};

fn writes(plugin: &str) -> Value {
    with(manifest(plugin), json!({"capabilities": ["content:write"], "hooks": ["content:beforeSave"]}))
}

/// Appends a letter to the title.
fn appends(letter: &'static str) -> Script {
    appends_as(letter, |shape| shape)
}

fn appends_as(letter: &'static str, shape: impl Fn(EntryHook) -> EntryHook) -> Script {
    Script::default().hook_with("content:beforeSave", shape, move |_, mut event| async move {
        let title = format!("{}{letter}", event["content"]["title"].as_str().unwrap());
        event["content"]["title"] = title.into();
        End::Value(event["content"].take())
    })
}

#[tokio::test]
async fn plugins_change_the_content_one_after_another_dependencies_first_then_by_priority() {
    let site = fixture();
    site.install(&writes("late"), appends_as("3", |shape| EntryHook { priority: 200.0, ..shape })).await;
    let needs =
        |shape| EntryHook { dependencies: vec!["late".into(), "missing".into()], priority: 1.0, ..shape };
    site.install(&writes("needs-missing"), appends_as("4", needs)).await;
    let needs = |shape| EntryHook { dependencies: vec!["second".into()], priority: 1.0, ..shape };
    site.install(&writes("needs-second"), appends_as("2", needs)).await;
    site.install(&writes("second"), appends("1")).await;
    let saved = site.host.session().before_save(save(json!({"title": "", "kept": [1]}))).await.unwrap();
    // An absent dependency never prevents a plugin from running; it only loses its place.
    assert_eq!(saved, map(json!({"title": "1234", "kept": [1]})));
}

#[tokio::test]
async fn a_plugin_that_throws_refuses_the_save_by_name_hook_and_reason_and_nobody_comes_after_it() {
    let site = fixture();
    let refuses = Script::default().hook("content:beforeSave", |_, _| async { throw("Title\ntoo short") });
    site.install(&writes("strict"), refuses).await;
    let unreachable =
        Script::default().hook("content:beforeSave", |_, _| async { panic!("is never called") });
    site.install(&writes("unreachable"), unreachable).await;

    let error = site.host.session().before_save(save(json!({}))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SaveRejected);
    assert_eq!(error.message(), "The plugin strict refused the save in content:beforeSave: Title too short");
    assert_eq!(
        error.details_value().unwrap(),
        &json!({"plugin": "strict", "version": "1.0.0", "hook": "content:beforeSave", "code": "HOOK_ERROR",
            "reason": "Title too short"})
    );
    assert_eq!(site.violations().await, [], "to refuse is no violation");
    let health = site.host.get(&Caller::System, &id("strict")).await.unwrap().health;
    assert_eq!((health.calls, health.errors), (1, 1));
}

#[tokio::test]
async fn a_policy_to_go_on_is_honoured_except_in_plugin_json() {
    let site = fixture();
    let lenient = |shape| EntryHook { error_policy: "continue".into(), ..shape };
    let fails = |name| Script::default().hook_with(name, lenient, |_, _| async { throw("broken") });
    site.install(&writes("lenient"), fails("content:beforeSave")).await;
    site.install(&writes("after"), appends("x")).await;
    let saved = site.host.session().before_save(save(json!({"title": ""}))).await.unwrap();
    assert_eq!(saved, map(json!({"title": "x"})));

    let strict = json!({"name": "Strict", "version": "1.0.0", "api_version": "1",
        "hooks": {"content:before_save": "transform_content"}, "sandbox": {"allowed_hosts": []}});
    site.runtime.know("strict code", fails("transform_content"));
    let strict = bundle("plugin.json", &strict, "strict code");
    site.host.install_bundle(&Caller::System, strict, Consent::Everything).await.unwrap();
    let error = site.host.session().before_save(save(json!({"title": ""}))).await.unwrap_err();
    assert_eq!(error.details_value().unwrap()["plugin"], "strict");
}

#[tokio::test]
async fn a_plugin_json_handler_may_be_an_exported_function() {
    let site = fixture();
    let manifest = json!({"name": "Shout", "version": "1.0.0", "api_version": "1",
        "hooks": {"content:before_save": "transform_content"}, "sandbox": {"allowed_hosts": []}});
    let script = Script::default()
        .function("transform_content", |_, _| async { End::Value(json!({"title": "LOUD"})) });
    site.runtime.know("shout code", script);
    let code = bundle("plugin.json", &manifest, "shout code");
    site.host.install_bundle(&Caller::System, code, Consent::Everything).await.unwrap();
    let saved = site.host.session().before_save(save(json!({"title": "quiet"}))).await.unwrap();
    assert_eq!(saved, map(json!({"title": "LOUD"})));
}

#[tokio::test]
async fn an_answer_that_is_no_object_is_refused_and_undefined_changes_nothing() {
    for (answer, kind) in [
        (json!(null), "null"),
        (json!([1]), "an array"),
        (json!("x"), "a string"),
        (json!(true), "a boolean"),
    ] {
        let site = fixture();
        let script = Script::default().hook("content:beforeSave", move |_, _| {
            let answer = answer.clone();
            async move { End::Value(answer) }
        });
        site.install(&writes("odd"), script).await;
        let error = site.host.session().before_save(save(json!({}))).await.unwrap_err();
        let details = error.details_value().unwrap();
        assert_eq!(details["code"], "PLUGIN_OUTPUT_INVALID");
        assert!(details["reason"].as_str().unwrap().contains(kind), "{details}");
        assert_eq!(site.violations().await[0].code, "PLUGIN_OUTPUT_INVALID");
    }
    let site = fixture();
    site.install(
        &writes("silent"),
        Script::default().hook("content:beforeSave", |_, _| async { End::Undefined }),
    )
    .await;
    let saved = site.host.session().before_save(save(json!({"title": "t"}))).await.unwrap();
    assert_eq!(saved, map(json!({"title": "t"})));
}

#[tokio::test]
async fn a_stop_refuses_the_save_with_limit_and_use_and_is_on_record() {
    let site = fixture();
    let script = Script::default().hook("content:beforeSave", |_, _| async {
        End::Stop(GuestStop::CpuLimit { limit: Duration::from_millis(500), used: Duration::from_millis(503) })
    });
    site.install(&writes("loops"), script).await;
    let error = site.host.session().before_save(save(json!({}))).await.unwrap_err();
    insta::assert_json_snapshot!(error.details_value(), @r#"
    {
      "plugin": "loops",
      "version": "1.0.0",
      "hook": "content:beforeSave",
      "code": "PLUGIN_CPU_LIMIT",
      "reason": "used 503 ms of CPU time; its limit is 500 ms",
      "limit": 500,
      "used": 503
    }
    "#);
    let [violation] = &site.violations().await[..] else { panic!("one row") };
    assert_eq!(
        (
            violation.plugin_id.as_str(),
            violation.version.as_str(),
            violation.during.as_str(),
            violation.code.as_str()
        ),
        ("loops", "1.0.0", "hook content:beforeSave", "PLUGIN_CPU_LIMIT")
    );
}

#[tokio::test]
async fn all_plugins_of_a_save_share_five_seconds() {
    let site = fixture();
    let takes = |millis| Script { takes: Duration::from_millis(millis), ..appends("x") };
    site.install(&writes("first"), takes(3_000)).await;
    site.install(&writes("second"), takes(1_900)).await;
    let saved = site.host.session().before_save(save(json!({"title": ""}))).await.unwrap();
    assert_eq!(saved, map(json!({"title": "xx"})));

    site.install(&writes("third"), takes(200)).await;
    let error = site.host.session().before_save(save(json!({"title": ""}))).await.unwrap_err();
    let details = error.details_value().unwrap();
    assert_eq!((&details["plugin"], &details["limit"]), (&json!("third"), &json!(100)));
}

#[tokio::test]
async fn the_hooks_of_a_request_share_one_instance_and_the_next_request_has_a_fresh_one() {
    let site = fixture();
    let asks = with(
        manifest("keeper"),
        json!({"capabilities": ["content:read"], "storage": {"log": {"indexes": []}},
            "hooks": ["content:beforeSave", "content:afterSave"]}),
    );
    let script = Script::default()
        .hook("content:beforeSave", |guest, event| async move {
            let existing = guest.ask("content.get", json!(["posts", event["content"]["id"]])).await.unwrap();
            guest.module.lock().unwrap().insert("before".into(), existing["data"].clone());
            End::Undefined
        })
        .hook("content:afterSave", |guest, event| async move {
            let before = guest.module.lock().unwrap().remove("before");
            let record = json!({"before": before, "after": event["content"]["data"]});
            guest.ask("storage.put", json!(["log", event["content"]["slug"], record])).await.unwrap();
            End::Undefined
        })
        .route("log", |guest, _| async move {
            End::Value(guest.ask("storage.query", json!(["log", {}])).await.unwrap())
        });
    site.install(&with(asks, json!({"routes": ["log"]})), script).await;
    let event = |slug: &str| json!({"content": {"id": "1", "slug": slug, "data": {"title": "new"}}, "collection": "posts", "isNew": false});

    let before = site.runtime.instances.load(Ordering::SeqCst);
    let mut session = site.host.session();
    session.before_save(update(json!({"title": "new"}))).await.unwrap();
    assert_eq!(session.deferred(Hook::ContentAfterSave, &event("a")).await, 0);
    assert_eq!(site.runtime.instances.load(Ordering::SeqCst) - before, 1);
    site.host.session().deferred(Hook::ContentAfterSave, &event("b")).await;

    let reply = site.call("keeper", "log").await.unwrap();
    let emdash_plugins::RouteReply::Data { json: Some(json), .. } = reply else { panic!("data") };
    let log: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(log["items"][0]["data"], json!({"before": {"title": "stored"}, "after": {"title": "new"}}));
    assert_eq!(log["items"][1]["data"], json!({"before": null, "after": {"title": "new"}}));
}

#[tokio::test]
async fn an_observer_sees_the_content_may_refuse_it_and_changes_nothing() {
    let site = fixture();
    let reads = with(
        manifest("observer"),
        json!({"capabilities": ["content:read"], "hooks": ["content:beforeSave"]}),
    );
    let script = Script::default().hook("content:beforeSave", |_, event| async move {
        match event["content"]["title"].as_str() {
            Some("bad") => throw("no"),
            _ => End::Value(json!({"title": "changed"})),
        }
    });
    site.install(&reads, script).await;
    let saved = site.host.session().before_save(save(json!({"title": "good"}))).await.unwrap();
    assert_eq!(saved, map(json!({"title": "good"})));
    assert!(site.host.session().before_save(save(json!({"title": "bad"}))).await.is_err());
    let info = site.host.get(&Caller::System, &id("observer")).await.unwrap();
    insta::assert_json_snapshot!((info.hooks, info.access), @r#"
    [
      [
        {
          "name": "content:beforeSave",
          "access": "observer",
          "missingCapability": "content:write"
        }
      ],
      [
        "Read all your content, drafts included.",
        "See entries while they are being saved, without changing them, and refuse to let one be saved."
      ]
    ]
    "#);
}

#[tokio::test]
async fn without_any_capability_a_deferred_hook_learns_which_entry_and_no_more() {
    let site = fixture();
    let webhook = with(
        manifest("webhook"),
        json!({"capabilities": ["network:request:unrestricted"], "hooks": ["content:afterSave"]}),
    );
    site.http.answer("https://hook.example.com/", 200, "ok");
    let script = Script::default().hook("content:afterSave", |guest, event| async move {
        let request = json!({"url": "https://hook.example.com/", "method": "POST", "headers": [["x-a", "b"]],
            "body": "eyJ9"});
        let answer = guest.ask("http.fetch", json!([request])).await.unwrap();
        assert_eq!(answer["headers"], json!([["x-a", "1"], ["x-a", "2"]]));
        guest.ask("kv.set", json!(["seen", event])).await.unwrap();
        End::Undefined
    });
    site.install(
        &with(webhook, json!({"routes": ["seen"]})),
        script.route("seen", |guest, _| async move {
            End::Value(guest.ask("kv.get", json!(["seen"])).await.unwrap())
        }),
    )
    .await;
    let event = json!({"content": {"id": "1", "slug": "s", "status": "draft", "data": {"title": "secret"}}, "collection": "posts", "isNew": true});
    assert_eq!(site.host.session().deferred(Hook::ContentAfterSave, &event).await, 0);
    let reply = site.call("webhook", "seen").await.unwrap();
    let emdash_plugins::RouteReply::Data { json: Some(seen), .. } = reply else { panic!("data") };
    insta::assert_snapshot!(seen, @r#"{"content":{"id":"1","slug":"s","status":"draft"},"collection":"posts","isNew":true}"#);
    assert_eq!(site.http.urls(), ["POST https://hook.example.com/"]);
}

#[tokio::test]
async fn a_failing_deferred_hook_is_counted_and_the_next_one_still_runs() {
    let site = fixture();
    let after = |plugin: &str| {
        with(manifest(plugin), json!({"capabilities": ["content:read"], "hooks": ["content:afterPublish"]}))
    };
    site.install(
        &after("fails"),
        Script::default().hook("content:afterPublish", |_, _| async { throw("down") }),
    )
    .await;
    let logs = Script::default().hook("content:afterPublish", |guest, _| async move {
        guest.ask("log", json!(["info", "published", {"n": 1}])).await.unwrap();
        End::Undefined
    });
    site.install(&after("logs"), logs).await;
    assert_eq!(site.host.session().deferred(Hook::ContentAfterPublish, &json!({"content": {}})).await, 1);
    let fails = site.host.get(&Caller::System, &id("fails")).await.unwrap();
    assert_eq!(fails.health.last_error.as_deref(), Some("hook content:afterPublish: down"));
    let [line] = &site.host.log(&Caller::System, &id("logs"), 0).unwrap()[..] else { panic!("one line") };
    assert_eq!(
        (line.level.as_str(), line.message.as_str(), line.during.as_str()),
        ("info", "published", "hook content:afterPublish")
    );
}

#[tokio::test]
async fn a_veto_blocks_a_deletion_and_only_with_the_capability() {
    let deletes = |capabilities: Value| {
        with(manifest("guard"), json!({"capabilities": capabilities, "hooks": ["content:beforeDelete"]}))
    };
    let vetoes = || {
        Script::default().hook("content:beforeDelete", |_, event| async move {
            assert_eq!(event, json!({"id": "1", "collection": "posts", "permanent": false}));
            End::Value(json!(false))
        })
    };
    let delete = BeforeDelete { collection: CollectionName::parse("posts").unwrap(), id: "1".into() };

    let site = fixture();
    site.install(&deletes(json!(["content:read"])), vetoes()).await;
    let error = site.host.session().before_delete(&delete).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DeleteBlocked);
    assert_eq!(error.details_value().unwrap()["plugin"], "guard");

    let site = fixture();
    site.install(&deletes(json!([])), vetoes()).await;
    site.host.session().before_delete(&delete).await.unwrap();
}

#[tokio::test]
async fn a_stopped_instance_is_replaced_for_the_next_hook_of_the_request() {
    let site = fixture();
    let lenient = |shape| EntryHook { error_policy: "continue".into(), ..shape };
    let hooks =
        json!({"capabilities": ["content:write"], "hooks": ["content:beforeSave", "content:afterSave"]});
    let script = Script::default()
        .hook_with("content:beforeSave", lenient, |guest, _| async move {
            guest.module.lock().unwrap().insert("left".into(), json!(true));
            End::Stop(GuestStop::Crashed { reason: "trap".into() })
        })
        .hook("content:afterSave", |guest, _| async move {
            assert!(guest.module.lock().unwrap().is_empty());
            End::Undefined
        });
    site.install(&with(manifest("crashes"), hooks), script).await;
    let mut session = site.host.session();
    session.before_save(save(json!({}))).await.unwrap();
    assert_eq!(session.deferred(Hook::ContentAfterSave, &json!({"content": {}})).await, 0);
    assert_eq!(site.violations().await[0].code, "PLUGIN_CRASHED");
}

#[tokio::test]
async fn a_refusal_by_the_host_that_the_plugin_lets_through_names_its_code_and_numbers() {
    let site = fixture();
    let script = Script::default().hook("content:beforeSave", |_, _| async {
        End::Throw(GuestException {
            name: "Error".into(),
            message: "The call made more than 1000 host calls.".into(),
            code: Some("HOST_CALL_LIMIT".into()),
            details: Some(json!({"limit": 1000, "used": 1001, "x": "y"})),
            ..GuestException::default()
        })
    });
    site.install(&writes("floods"), script).await;
    let error = site.host.session().before_save(save(json!({}))).await.unwrap_err();
    let details = error.details_value().unwrap();
    assert_eq!(
        (&details["code"], &details["limit"], &details["used"]),
        (&json!("HOST_CALL_LIMIT"), &json!(1000), &json!(1001))
    );
}

#[tokio::test]
async fn what_plugins_add_to_a_page_comes_in_order_and_a_failing_one_adds_nothing() {
    let site = fixture();
    let adds = |plugin: &str| with(manifest(plugin), json!({"hooks": ["page:metadata"]}));
    site.install(&adds("fails"), Script::default().hook("page:metadata", |_, _| async { throw("x") })).await;
    for (plugin, content) in [("first", "1"), ("second", "2")] {
        let script = Script::default().hook("page:metadata", move |guest, event| async move {
            assert!(guest.wall <= Duration::from_millis(500));
            End::Value(json!([{"kind": "meta", "name": "a", "content": content}, {"kind": "meta", "name": event["page"]["path"], "content": content, "key": content}]))
        });
        site.install(&adds(plugin), script).await;
    }
    let contributions = site.host.page_metadata(&json!({"path": "/x"})).await;
    assert_eq!(
        serde_json::to_value(contributions).unwrap(),
        json!([
            {"kind": "meta", "name": "a", "content": "1"},
            {"kind": "meta", "name": "/x", "content": "1", "key": "1"},
            {"kind": "meta", "name": "/x", "content": "2", "key": "2"},
        ])
    );
}
