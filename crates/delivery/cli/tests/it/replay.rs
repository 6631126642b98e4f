//! Calls of plugins that failed, looked at and played again.

use std::path::Path;

use emdash_testkit::{ChildServer, Plugin, Serving, TestData, command};
use serde_json::{Value, json};

use crate::support::binary;

const CALLS: &str = "/_emdash/api/admin/plugin-calls";
const POLICY: &str = "/_emdash/api/admin/plugin-recording";

/// Fails in a way that depends on clock, randomness and what it keeps.
const CODE: &str = r#"
export default {
  routes: {
    fail: async ({ input }, ctx) => {
      const before = await ctx.kv.get("count");
      await ctx.kv.set("count", (before ?? 0) + 1);
      await new Promise((done) => setTimeout(done, 2));
      throw new Error(`${input.word} ${before} ${Date.now()} ${Math.random()}`);
    },
    fine: async (_, ctx) => ({ count: await ctx.kv.get("count"), id: crypto.randomUUID() }),
  },
};
"#;

fn server() -> ChildServer {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    server.install(&moody());
    server
}

fn moody() -> Plugin {
    Plugin::new("moody", CODE).routes(&["fail", "fine"])
}

/// What a command prints, and its exit code.
fn emdash(arguments: &[&str]) -> (Value, Option<i32>) {
    let output = command(binary()).args(arguments).arg("--json").output().expect("the binary starts");
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), output.status.code())
}

#[test]
fn a_call_that_failed_is_on_record_and_fails_again_in_exactly_the_same_way() {
    let server = server();
    let admin = server.administrator();
    let message = |word: &str| {
        let body = json!({"word": word});
        admin.post("/_emdash/api/plugins/moody/fail", &body).json()["error"]["message"].clone()
    };
    let (first, second) = (message("once"), message("twice"));
    assert_ne!(first, second);
    admin.get("/_emdash/api/plugins/moody/fine").accepted();

    let calls = admin.get(&format!("{CALLS}?pluginId=moody")).data()["items"].take();
    let calls = calls.as_array().expect("a list").clone();
    assert_eq!(calls.len(), 2, "only failures are recorded: {calls:?}");
    assert_eq!(calls[0]["during"], "route fail");
    let id = calls[0]["id"].as_str().expect("an id").to_owned();

    let report = admin.act(&format!("{CALLS}/{id}/replay")).data();
    assert_eq!(report["divergence"], Value::Null, "{report}");
    assert_eq!(report["sameEngine"], true);
    let thrown = report["outcomes"][0]["threw"]["message"].as_str().expect("it threw");
    assert!(second.as_str().is_some_and(|text| text.contains(thrown)), "{second} is not {thrown}");
    // Nothing happened: the count is what the two real calls made it.
    assert_eq!(admin.get("/_emdash/api/plugins/moody/fine").data()["count"], 2);
}

#[test]
fn every_call_is_recorded_where_an_administrator_wants_that() {
    let server = server();
    let admin = server.administrator();
    assert_eq!(admin.get(POLICY).data(), json!({"errors": true, "sample": 0.0}));
    admin.put(POLICY, &json!({"errors": true, "sample": 2})).refused(400, "VALIDATION_ERROR");
    admin.put(POLICY, &json!({"errors": false, "sample": 1})).accepted();
    let given = admin.get("/_emdash/api/plugins/moody/fine").data();
    let calls = admin.get(CALLS).data()["items"].take();
    let id = calls[0]["id"].as_str().expect("an id");
    let report = admin.act(&format!("{CALLS}/{id}/replay")).data();
    let returned = report["outcomes"][0]["returned"].as_str().expect("it returned");
    assert_eq!(serde_json::from_str::<Value>(returned).expect("JSON"), given);
    admin.put(POLICY, &json!({"errors": false, "sample": 0})).accepted();
    admin.post("/_emdash/api/plugins/moody/fail", &json!({"word": "x"}));
    assert_eq!(admin.get(CALLS).data()["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_recording_is_saved_and_played_from_the_command_line_with_a_bundle() {
    let server = server();
    server.administrator().post("/_emdash/api/plugins/moody/fail", &json!({"word": "saved"}));
    let token = server.data().administrator_token();
    let at = ["--url", server.base(), "--token", &token];
    let with = |arguments: &[&str]| {
        let (printed, code) = emdash(&[arguments, &at[..]].concat());
        assert_eq!(code, Some(0), "{printed}");
        printed
    };
    let listed = with(&["plugin", "calls", "moody"]);
    let id = listed["items"][0]["id"].as_str().expect("an id").to_owned();
    let played = with(&["plugin", "replay", &id]);
    assert_eq!(played["identical"], true, "{played}");
    let events: Vec<_> =
        played["trace"].as_array().expect("a trace").iter().map(|moment| &moment["event"]).collect();
    assert_eq!(events.first().and_then(|event| event.as_str()), Some("called"), "{events:?}");

    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    with(&["plugin", "replay", &id, "--save", &path("call.json")]);
    std::fs::write(path("moody.tar.gz"), moody().bundle()).expect("a file");
    let offline = |bundle: &str| {
        emdash(&["plugin", "replay", &path("call.json"), "--bundle", bundle, "--data", &path("data")])
    };
    let (same, code) = offline(&path("moody.tar.gz"));
    assert_eq!((&same["identical"], code), (&json!(true), Some(0)), "{same}");
    let changed =
        Plugin::new("moody", &CODE.replace("\"count\", (", "\"total\", (")).routes(&["fail", "fine"]);
    std::fs::write(path("changed.tar.gz"), changed.bundle()).expect("a file");
    let (diverged, code) = offline(&path("changed.tar.gz"));
    assert_eq!((&diverged["identical"], code), (&json!(false), Some(1)), "{diverged}");
    assert_eq!(diverged["report"]["divergence"]["replayed"], r#"starts kv.set with ["total",1]"#);
    assert!(Path::new(&path("call.json")).is_file());
}
