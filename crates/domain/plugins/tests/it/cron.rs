//! Tasks that plugins schedule (plugin contract §3.11, §4.8; A5).

use std::sync::{Arc, Mutex};

use emdash_plugins::CronTaskInfo;
use emdash_types::Caller;
use serde_json::{Value, json};

use crate::fixture::{Fixture, fixture, id, manifest, with};
use crate::scripted::{End, Guest, Script, throw};

const MINUTE: i64 = 60_000;

type Seen = Arc<Mutex<Vec<Value>>>;

/// A plugin whose route `ask` makes the host call it is sent, and whose hooks keep their events and fail while the
/// data says so.
fn scheduling(seen: &Seen) -> Script {
    let keep = |hook: &'static str, seen: &Seen| {
        let seen = Arc::clone(seen);
        move |guest: Guest, event: Value| {
            seen.lock().unwrap().push(json!([hook, event]));
            async move {
                if event["data"]["again"].is_string() {
                    let arguments = json!([event["name"], {"schedule": event["data"]["again"]}]);
                    guest.ask("cron.schedule", arguments).await.unwrap();
                }
                if event["data"]["fail"] == true { throw("not today") } else { End::Undefined }
            }
        }
    };
    Script::default()
        .hook("cron", keep("cron", seen))
        .hook("scheduler:tick", keep("scheduler:tick", seen))
        .route("ask", |guest, route| async move {
            let call = &route["input"];
            match guest.ask(call[0].as_str().unwrap(), call[1].clone()).await {
                Ok(answer) => End::Value(answer),
                Err(error) => End::Value(json!(error.message())),
            }
        })
}

async fn site_with(plugin: &str, hooks: Value) -> (Fixture, Seen) {
    let site = fixture();
    let seen = Seen::default();
    let manifest = with(manifest(plugin), json!({"hooks": hooks, "routes": ["ask"]}));
    site.install(&manifest, scheduling(&seen)).await;
    (site, seen)
}

async fn ask(site: &Fixture, plugin: &str, call: &str, arguments: Value) -> Value {
    use emdash_plugins::{RouteReply, RouteRequest};
    let request = RouteRequest {
        method: "POST".into(),
        input: Some(json!([call, arguments])),
        ..RouteRequest::default()
    };
    let reply = site.host.route(&id(plugin), "ask").unwrap().call(request).await.unwrap();
    // What the route left behind ends on its own.
    tokio::task::yield_now().await;
    match reply {
        RouteReply::Data { json: Some(json), .. } => serde_json::from_str(&json).unwrap(),
        other => unreachable!("{other:?}"),
    }
}

async fn schedule(site: &Fixture, name: &str, options: Value) {
    assert_eq!(ask(site, "p", "cron.schedule", json!([name, options])).await, Value::Null);
}

/// Runs what is due; returns how many tasks ran.
async fn run_due(site: &Fixture) -> usize {
    let mut ran = 0;
    loop {
        let until = site.now().plus_millis(MINUTE);
        let tasks = site.host.cron_claim(until, 9).await.unwrap();
        if tasks.is_empty() {
            return ran;
        }
        for task in &tasks {
            site.host.cron_run(task).await.unwrap();
        }
        ran += tasks.len();
    }
}

async fn tasks(site: &Fixture) -> Vec<CronTaskInfo> {
    site.host.cron_tasks(&Caller::System, None).await.unwrap()
}

fn drain(seen: &Seen) -> Vec<Value> {
    std::mem::take(&mut seen.lock().unwrap())
}

#[tokio::test]
async fn a_recurring_task_runs_at_each_of_its_instants_and_once_for_those_it_missed() {
    let (site, seen) = site_with("p", json!(["cron"])).await;
    schedule(&site, "digest", json!({"schedule": "30 * * * *", "data": {"to": "all"}})).await;
    assert_eq!(run_due(&site).await, 0);
    site.clock.advance_millis(30 * MINUTE);
    assert_eq!(run_due(&site).await, 1);
    assert_eq!(
        drain(&seen),
        [
            json!(["cron", {"name": "digest", "scheduledAt": "2026-11-20T10:30:00.000Z", "data": {"to": "all"}}])
        ]
    );
    // The server is down for a day.
    site.clock.advance_millis(24 * 60 * MINUTE);
    assert_eq!(run_due(&site).await, 1);
    assert_eq!(drain(&seen)[0][1]["scheduledAt"], "2026-11-20T11:30:00.000Z");
    let list = ask(&site, "p", "cron.list", json!([])).await;
    assert_eq!(
        list,
        json!([{"name": "digest", "schedule": "30 * * * *", "nextRunAt": "2026-11-21T11:30:00.000Z",
            "lastRunAt": "2026-11-21T10:30:00.001Z"}])
    );
    assert_eq!(ask(&site, "p", "cron.cancel", json!(["digest"])).await, Value::Null);
    assert_eq!(ask(&site, "p", "cron.cancel", json!(["digest"])).await, Value::Null);
    assert_eq!(tasks(&site).await, []);
}

#[tokio::test]
async fn a_failed_recurring_task_goes_on_as_scheduled_with_its_failure_shown() {
    let (site, _) = site_with("p", json!(["cron"])).await;
    schedule(&site, "sync", json!({"schedule": "@hourly", "data": {"fail": true}})).await;
    for failures in 1..=2 {
        site.clock.advance_millis(60 * MINUTE);
        assert_eq!(run_due(&site).await, 1);
        let task = tasks(&site).await.remove(0);
        assert_eq!((task.failures, task.last_error.as_deref()), (failures, Some("not today")));
    }
    assert_eq!(tasks(&site).await[0].next_run_at.to_string(), "2026-11-20T13:00:00.000Z");
}

#[tokio::test]
async fn a_one_shot_is_forgotten_when_it_ran_and_tried_again_five_times_when_it_failed() {
    let (site, seen) = site_with("p", json!(["cron"])).await;
    schedule(&site, "once", json!({"schedule": "2026-11-20T12:30:00+02:00"})).await;
    schedule(&site, "bad", json!({"schedule": "2026-11-20T10:31:00Z", "data": {"fail": true}})).await;
    site.clock.advance_millis(30 * MINUTE);
    assert_eq!(run_due(&site).await, 1);
    assert_eq!(tasks(&site).await.len(), 1, "the first is forgotten");
    drain(&seen);
    site.clock.advance_millis(MINUTE);
    let mut delays = Vec::new();
    loop {
        assert_eq!(run_due(&site).await, 1);
        let Some(task) = tasks(&site).await.pop() else { break };
        let delay = task.next_run_at.as_millis() - site.now().as_millis();
        delays.push(delay / MINUTE);
        site.clock.advance_millis(delay);
    }
    assert_eq!(delays, [1, 2, 4, 8, 16]);
    let counts: Vec<Value> =
        drain(&seen).into_iter().map(|mut call| call[1]["data"]["__emdash"]["retryCount"].take()).collect();
    assert_eq!(Value::from(counts), json!([null, 1, 2, 3, 4, 5]));
}

#[tokio::test]
async fn a_task_may_schedule_itself_anew_while_it_runs() {
    let (site, seen) = site_with("p", json!(["cron"])).await;
    let again = "2026-11-20T11:00:00Z";
    schedule(&site, "chain", json!({"schedule": "2026-11-20T10:30:00Z", "data": {"again": again}})).await;
    for _ in 0..2 {
        site.clock.advance_millis(30 * MINUTE);
        assert_eq!(run_due(&site).await, 1);
    }
    assert_eq!(drain(&seen)[1][1]["scheduledAt"], "2026-11-20T11:00:00.000Z");
    assert_eq!(tasks(&site).await, []);
}

#[tokio::test]
async fn only_the_owner_is_called_and_without_the_hook_it_is_a_failure() {
    let (site, seen) = site_with("p", json!(["cron"])).await;
    let other = Seen::default();
    let manifest = with(manifest("q"), json!({"hooks": [], "routes": ["ask"]}));
    site.install(&manifest, scheduling(&other)).await;
    schedule(&site, "mine", json!({"schedule": "@hourly"})).await;
    ask(&site, "q", "cron.schedule", json!(["mine", {"schedule": "@hourly"}])).await;
    ask(&site, "q", "cron.cancel", json!(["unknown"])).await;
    assert_eq!(ask(&site, "q", "cron.list", json!([])).await.as_array().unwrap().len(), 1);
    site.clock.advance_millis(60 * MINUTE);
    assert_eq!(run_due(&site).await, 2);
    assert_eq!((drain(&seen).len(), drain(&other).len()), (1, 0));
    let failed = site.host.cron_tasks(&Caller::System, Some(&id("q"))).await.unwrap();
    assert_eq!(failed[0].last_error.as_deref(), Some("The plugin answers no cron hook."));
}

#[tokio::test]
async fn tasks_rest_while_their_plugin_is_off_and_go_when_it_is_uninstalled() {
    let (site, seen) = site_with("p", json!(["cron"])).await;
    schedule(&site, "daily", json!({"schedule": "@daily"})).await;
    site.host.disable(&Caller::System, &id("p")).await.unwrap();
    site.clock.advance_millis(48 * 60 * MINUTE);
    assert_eq!(run_due(&site).await, 0);
    assert_eq!(site.host.cron_next_at().await.unwrap(), None);
    site.host.enable(&Caller::System, &id("p")).await.unwrap();
    assert_eq!(run_due(&site).await, 1);
    assert_eq!(drain(&seen).len(), 1);
    site.host.uninstall(&Caller::System, &id("p"), false).await.unwrap();
    assert_eq!(tasks(&site).await, []);
}

#[tokio::test]
async fn the_scheduler_ticks_every_minute_for_plugins_that_ask_for_it() {
    let (site, seen) = site_with("p", json!(["scheduler:tick"])).await;
    for _ in 0..3 {
        site.clock.advance_millis(MINUTE);
        run_due(&site).await;
    }
    let at: Vec<Value> = drain(&seen).into_iter().map(|mut call| call[1]["scheduledAt"].take()).collect();
    assert_eq!(Value::from(at), json!(["2026-11-20T10:02:00.000Z", "2026-11-20T10:03:00.000Z"]));
    // The plugin cannot see or cancel it.
    ask(&site, "p", "cron.cancel", json!(["scheduler:tick"])).await;
    assert_eq!(ask(&site, "p", "cron.list", json!([])).await, json!([]));
    assert_eq!(tasks(&site).await[0].name, "scheduler:tick");
}

#[tokio::test]
async fn what_cannot_be_scheduled_is_refused_in_words() {
    let (site, _) = site_with("p", json!(["cron"])).await;
    let long = "n".repeat(129);
    let big = json!({"schedule": "@daily", "data": {"text": "x".repeat(16 * 1024)}});
    let mut refusals = Vec::new();
    for arguments in [
        json!(["", {"schedule": "@daily"}]),
        json!([long, {"schedule": "@daily"}]),
        json!(["a b", {"schedule": "@daily"}]),
        json!(["a"]),
        json!(["a", {"schedule": "whenever"}]),
        json!(["a", {"schedule": "0 0 30 2 *"}]),
        json!(["a", {"schedule": "@daily", "data": [1]}]),
        json!(["a", big]),
    ] {
        refusals.push(ask(&site, "p", "cron.schedule", arguments).await);
    }
    for number in 0..100 {
        schedule(&site, &format!("t{number}"), json!({"schedule": "@daily"})).await;
    }
    schedule(&site, "t0", json!({"schedule": "@hourly"})).await;
    refusals.push(ask(&site, "p", "cron.schedule", json!(["one-more", {"schedule": "@daily"}])).await);
    insta::assert_json_snapshot!(refusals, @r#"
    [
      "Invalid task name: must be 1-128 characters, got 0",
      "Invalid task name: must be 1-128 characters, got 129",
      "Invalid task name \"a b\": must start with a letter and contain only letters, numbers, dashes, or underscores",
      "Missing required parameter: options",
      "Invalid schedule \"whenever\": must be a valid cron expression or ISO 8601 datetime",
      "Invalid cron expression or no future run: \"0 0 30 2 *\"",
      "Parameter options must be an object {schedule: string, data?: object}",
      "The data of a task is limited to 16384 bytes of JSON, got 16395.",
      "A plugin may have 100 tasks scheduled at once."
    ]
    "#);
}
