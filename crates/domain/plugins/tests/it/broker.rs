//! What a host call is allowed to do, and what it comes to when it is not (A10, A18, A33; plugin contract §3).

use std::sync::{Arc, Mutex};

use emdash_plugins::RouteReply;
use emdash_ports::outbound::EgressHosts;
use emdash_ports::runtime::HostCallProgress;
use emdash_types::ErrorCode;
use serde_json::{Value, json};

use crate::fixture::{Fixture, fixture, id, manifest, with};
use crate::scripted::{End, Guest, Script};

/// Runs `script` as the route `run` of a plugin with this manifest.
async fn run<F, R>(site: &Fixture, changes: Value, script: F) -> Value
where
    F: Fn(Guest) -> R + Send + Sync + 'static,
    R: Future<Output = Value> + Send + 'static,
{
    let manifest = with(with(manifest("p"), json!({"routes": ["run"]})), changes);
    let script = Script::default().route("run", move |guest, _| {
        let answer = script(guest);
        async move { End::Value(answer.await) }
    });
    site.install(&manifest, script).await;
    match site.call("p", "run").await.unwrap() {
        RouteReply::Data { json: Some(json), .. } => serde_json::from_str(&json).unwrap(),
        other => unreachable!("{other:?}"),
    }
}

/// The refusals of these calls, as the plugin sees them.
async fn refusals(guest: Guest, calls: &[(&str, Value)]) -> Value {
    let mut refusals = Vec::new();
    for (name, arguments) in calls {
        let error = guest.ask(name, arguments.clone()).await.unwrap_err();
        refusals.push(format!("{}: {}", error.code().name(), error.message()));
    }
    refusals.into()
}

#[tokio::test]
async fn every_refusal_has_the_words_plugins_look_for_and_goes_on_record_once_per_call() {
    let site = fixture();
    let answer = run(&site, json!({"storage": {"c": {"indexes": ["a"]}}}), |guest| async move {
        let calls = [
            ("content.get", json!(["posts", "1"])),
            ("content.create", json!(["posts", {}])),
            ("http.fetch", json!([{"url": "https://a.com", "method": "GET", "headers": [], "body": null}])),
            ("users.get", json!(["1"])),
            ("storage.get", json!(["../other", "1"])),
            ("storage.query", json!(["c", {"where": {"b": 1}}])),
            ("storage.query", json!(["c", {"cursor": "x"}])),
            ("storage.query", json!(["c", {"where": {"a": {"like": "x"}}}])),
            ("storage.query", json!(["c", {"orderBy": {"a": "up"}}])),
            ("kv.get", json!([])),
            ("kv.set", json!(["", 1])),
            ("db.query", json!(["SELECT 1"])),
            ("cron.schedule", json!(["1st", {"schedule": "@daily"}])),
        ];
        refusals(guest, &calls).await
    })
    .await;
    insta::assert_json_snapshot!(answer, @r#"
    [
      "CAPABILITY_MISSING: Missing capability: content:read",
      "CAPABILITY_MISSING: Missing capability: content:write",
      "CAPABILITY_MISSING: Missing capability: network:request",
      "CAPABILITY_MISSING: Missing capability: users:read",
      "COLLECTION_UNDECLARED: Storage collection not declared: ../other",
      "FIELD_NOT_INDEXED: Cannot query on non-indexed field 'b'.",
      "INVALID_CURSOR: Invalid pagination cursor: x",
      "VALIDATION_ERROR: Unknown filter type for field 'a'",
      "VALIDATION_ERROR: orderBy: write \"asc\" or \"desc\" for the field 'a'",
      "VALIDATION_ERROR: Missing required string parameter: key",
      "VALIDATION_ERROR: Missing required string parameter: key",
      "CAPABILITY_MISSING: Unknown host call: db.query",
      "VALIDATION_ERROR: Invalid task name \"1st\": must start with a letter and contain only letters, numbers, dashes, or underscores"
    ]
    "#);
    tokio::task::yield_now().await;
    let mut rows: Vec<_> = site
        .violations()
        .await
        .into_iter()
        .map(|row| format!("{} {}: {}", row.during, row.code, row.message))
        .collect();
    // All of one instant.
    rows.sort();
    insta::assert_json_snapshot!(rows, @r#"
    [
      "route run CAPABILITY_MISSING: Missing capability: content:read (5 times)",
      "route run COLLECTION_UNDECLARED: Storage collection not declared: ../other",
      "route run FIELD_NOT_INDEXED: Cannot query on non-indexed field 'b'."
    ]
    "#);
    let health = site.host.get(&emdash_types::Caller::System, &id("p")).await.unwrap().health;
    assert_eq!(health.violations, 7);
}

#[tokio::test]
async fn keys_and_documents_come_back_as_they_went_in() {
    let site = fixture();
    let answer = run(&site, json!({"storage": {"c": {"indexes": ["n"]}}}), |guest| async move {
        let mut answers = Vec::new();
        for (name, arguments) in [
            ("kv.set", json!(["a_1", {"deep": [1, "ü", null]}])),
            ("kv.set", json!(["ab1", false])),
            ("kv.list", json!(["a_"])),
            ("kv.get", json!(["missing"])),
            ("kv.delete", json!(["ab1"])),
            ("storage.putMany", json!(["c", [{"id": "1", "data": {"n": 1}}, {"id": "2", "data": {"n": 20}}, {"id": "3", "data": {"n": 3}}]])),
            ("storage.get", json!(["c", "2"])),
            ("storage.exists", json!(["c", "9"])),
            ("storage.getMany", json!(["c", ["1", "9"]])),
            ("storage.query", json!(["c", {"where": {"n": {"gt": 1}}, "orderBy": {"n": "desc"}, "limit": 5.9}])),
            ("storage.query", json!(["c", {"where": {"n": {"in": [1, 3]}}, "limit": 0}])),
            ("storage.count", json!(["c", {"n": {"lte": 3}}])),
            ("storage.count", json!(["c"])),
            ("storage.delete", json!(["c", "1"])),
            ("storage.deleteMany", json!(["c", ["1", "2", "3"]])),
        ] {
            let mut answer = guest.ask(name, arguments).await.unwrap();
            if let Some(cursor) = answer.get_mut("cursor") {
                *cursor = json!("<opaque>");
            }
            answers.push(answer);
        }
        answers.into()
    })
    .await;
    let expected = json!([
        null, null,
        [{"key": "a_1", "value": {"deep": [1, "ü", null]}}],
        null, true, null,
        {"n": 20}, false, [["1", {"n": 1}]],
        {"items": [{"id": "2", "data": {"n": 20}}, {"id": "3", "data": {"n": 3}}], "hasMore": false},
        {"items": [{"id": "1", "data": {"n": 1}}], "cursor": "<opaque>", "hasMore": true},
        2, 3, true, 2
    ]);
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn content_is_read_with_the_grant_and_an_unknown_collection_is_empty() {
    let site = fixture();
    let answer = run(&site, json!({"capabilities": ["read:content"]}), |guest| async move {
        json!([
            guest.ask("content.get", json!(["posts", "1"])).await.unwrap()["data"]["title"],
            guest.ask("content.get", json!(["nowhere", "1"])).await.unwrap(),
            guest
                .ask("content.list", json!(["posts", {"limit": 5000, "where": {"status": "draft"}}]))
                .await
                .unwrap(),
            guest
                .ask("content.list", json!(["posts", {"where": {"fieldFilters": {"title": {"like": "x"}}}}]))
                .await
                .unwrap_err()
                .code()
                .name(),
            guest.ask("content.get", json!(["Bad Name", "1"])).await.unwrap_err().message(),
        ])
    })
    .await;
    assert_eq!(
        answer,
        json!(["stored", null, {"items": [{"limit": 100, "status": "draft"}], "hasMore": false}, "VALIDATION_ERROR",
            "Invalid collection name: Bad Name"])
    );
}

#[tokio::test]
async fn a_flood_is_stopped_at_the_budget_and_is_one_row() {
    let site = fixture();
    let answer = run(&site, json!({"capabilities": ["network:request:unrestricted"]}), |guest| async move {
        for _ in 0..250 {
            guest.ask("log", json!(["info", "x".repeat(10_000)])).await.expect("dropped, not refused");
        }
        let mut codes = Vec::new();
        for _ in 0..52 {
            let fetch = json!([{"url": "https://a.com/", "method": "GET", "headers": [], "body": null}]);
            codes.push(guest.ask("http.fetch", fetch).await.unwrap_err().code());
        }
        assert_eq!(codes.iter().filter(|code| **code == ErrorCode::NetworkCallLimit).count(), 2);
        let refused = (0..1_000)
            .filter(|_| matches!(guest.start("kv.get", json!(["a"])), HostCallProgress::Ready(Err(_))));
        json!(refused.count())
    })
    .await;
    assert_eq!(answer, 302, "250 + 52 + 698 = 1000");
    tokio::task::yield_now().await;
    let mut rows: Vec<_> = site.violations().await.into_iter().map(|row| row.message).collect();
    rows.sort();
    insta::assert_json_snapshot!(rows, @r#"
    [
      "Host not allowed: x (50 times)",
      "The call made more than 1000 host calls. (limit 1000, used 1001) (302 times)",
      "The call made more than 200 log lines. (limit 200, used 201) (50 times)",
      "The call made more than 50 network requests. (limit 50, used 51) (2 times)"
    ]
    "#);
    let log = site.host.log(&emdash_types::Caller::System, &id("p"), 0).unwrap();
    assert_eq!((log.len(), log[0].message.len()), (200, 4_096));
}

#[tokio::test]
async fn requests_go_where_the_grants_say_whatever_the_manifest_says() {
    let site = fixture();
    site.http.answer("https://api.example.com/x", 204, "");
    let declares =
        json!({"capabilities": ["network:request"], "allowedHosts": ["api.example.com", "b.example.com"]});
    let fetch = |guest: Guest| async move {
        let request = json!({"url": "https://api.example.com/x", "method": "PUT", "headers": [["a", "b"], ["a", "c"]], "body": "aGk="});
        guest.ask("http.fetch", json!([request])).await.unwrap()
    };
    let answer = run(&site, declares, fetch).await;
    assert_eq!(answer["status"], 204);

    // An administrator took a host away.
    let mut transaction = site.store.write().await.unwrap();
    let mut state = transaction.plugin_lookup(&id("p")).await.unwrap().unwrap();
    state.granted_hosts = vec!["b.example.com".into()];
    transaction.plugin_put(&state).await.unwrap();
    transaction.commit().await.unwrap();
    site.host.load().await.unwrap();
    site.call("p", "run").await.unwrap();

    let sent = site.http.sent.lock().unwrap();
    let hosts: Vec<_> = sent
        .iter()
        .map(|(request, policy)| match &policy.hosts {
            EgressHosts::Listed(hosts) => (request.body.clone(), request.headers.len(), hosts.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(hosts, [("hi".into(), 2, 2), ("hi".into(), 2, 1)]);
}

#[tokio::test]
async fn what_a_call_left_under_way_is_revoked_when_it_ends_and_it_can_ask_nothing_more() {
    let site = fixture();
    let left = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&left);
    let network = json!({"capabilities": ["network:request:unrestricted"]});
    run(&site, network, move |guest| {
        let fetch =
            json!([{"url": "https://never.example.com/", "method": "GET", "headers": [], "body": null}]);
        let HostCallProgress::Pending(answer) = guest.start("http.fetch", fetch) else {
            panic!("is pending")
        };
        *keep.lock().unwrap() = Some((answer, guest));
        async { Value::Null }
    })
    .await;
    tokio::task::yield_now().await;
    let (answer, guest) = left.lock().unwrap().take().unwrap();
    assert_eq!(answer.await.unwrap_err().code(), ErrorCode::InvalidState);
    assert_eq!(guest.ask("kv.get", json!(["a"])).await.unwrap_err().code(), ErrorCode::InvalidState);
}

#[tokio::test]
async fn six_requests_of_a_call_are_under_way_at_once_and_the_others_wait() {
    let site = fixture();
    let network = json!({"capabilities": ["network:request:unrestricted"]});
    run(&site, network, |guest| async move {
        let request =
            json!([{"url": "https://never.example.com/", "method": "GET", "headers": [], "body": null}]);
        let mut under_way: Vec<_> = (0..10)
            .map(|_| match guest.start("http.fetch", request.clone()) {
                HostCallProgress::Pending(answer) => answer,
                HostCallProgress::Ready(answer) => panic!("{answer:?}"),
            })
            .collect();
        for answer in &mut under_way {
            assert!(futures::poll!(answer).is_pending());
        }
        Value::Null
    })
    .await;
    assert_eq!(site.http.urls().len(), 6);
}

#[tokio::test]
async fn plugins_keep_their_data_apart() {
    let site = fixture();
    run(&site, json!({}), |guest| async move { guest.ask("kv.set", json!(["secret", 1])).await.unwrap() })
        .await;
    let other = with(manifest("other"), json!({"routes": ["run"]}));
    let script = Script::default().route("run", |guest, _| async move {
        assert_eq!(guest.context.plugin_id, "other");
        assert_eq!(guest.context.site_url, "https://site.example.com");
        End::Value(guest.ask("kv.list", json!([""])).await.unwrap())
    });
    site.install(&other, script).await;
    let reply = site.call("other", "run").await.unwrap();
    assert_eq!(reply, RouteReply::Data { json: Some("[]".into()), cache_control: None });
}

#[tokio::test]
async fn a_call_is_told_the_settings_of_its_moment() {
    let site = fixture();
    let script =
        Script::default().route("run", |guest, _| async move { End::Value(json!(guest.context.site_name)) });
    site.install(&with(manifest("p"), json!({"routes": ["run"]})), script).await;
    let mut told = Vec::new();
    for name in ["Before", "After"] {
        site.settings.0.lock().unwrap().name = name.to_owned();
        told.push(site.host.route(&id("p"), "run").unwrap().call(Default::default()).await.unwrap());
    }
    let name = |name: &str| RouteReply::Data { json: Some(json!(name).to_string()), cache_control: None };
    assert_eq!(told, [name("Before"), name("After")]);
}
