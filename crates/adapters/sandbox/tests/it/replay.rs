//! A recorded call is played again bit for bit, without host, clock, randomness or waiting.

use std::sync::Arc;
use std::time::Duration;

use emdash_ports::recording::{Divergence, Event, Outcome, Recording, ReplayReport};
use emdash_ports::runtime::{GuestCall, HostCalls};
use serde_json::{Value, json};

use crate::support::{CPU, Later, ScriptedHost, WALL, hook, instance, prepare, route};

const LIMIT: usize = 1 << 20;

/// Takes something of everything that could differ from one run to the next.
const CODE: &str = r#"
let seen = 0;
export default {
  hooks: {
    first: async (event, ctx) => {
      seen++;
      const wait = (ms) => new Promise((done) => setTimeout(() => done(ms), ms));
      const order = [];
      const track = async (name, promise) => order.push([name, await promise]);
      ctx.log.info("not awaited");
      await Promise.all([
        track("slow", wait(3)),
        track("kv", ctx.kv.get("a")),
        track("fast", wait(1)),
        track("kv2", ctx.kv.get("b")),
      ]);
      return { event, order, now: Date.now(), random: Math.random(), id: crypto.randomUUID(), seen };
    },
    second: async (_, ctx) => {
      setTimeout(() => ctx.kv.set("late", seen), 1);
      throw Object.assign(new TypeError(`no: ${Math.random()}`), { code: "NO", seen });
    },
    loop: async () => { for (;;); },
    never: async (_, ctx) => { await new Promise((done) => setTimeout(done, 100000)); },
  },
  routes: { page: async () => { throw new Response("gone", { status: 410 }); } },
};
"#;

async fn recorded(code: &str, host: Arc<dyn HostCalls>, calls: Vec<GuestCall>) -> Recording {
    let mut instance = instance(code, host).await;
    instance.record(LIMIT);
    for call in calls {
        if instance.call(call).await.outcome.is_ok() {
            instance.drain(CPU, WALL).await;
        }
    }
    let recording = instance.recording().unwrap();
    // It survives being kept.
    let text = serde_json::to_string(&recording).unwrap();
    assert_eq!(serde_json::from_str::<Recording>(&text).unwrap(), recording);
    recording
}

async fn replayed(code: &str, recording: &Recording) -> ReplayReport {
    let image = prepare(code).await;
    image.replay().unwrap().replay(Arc::new(recording.clone())).await.unwrap()
}

fn outcomes(recording: &Recording) -> Vec<Outcome> {
    let ended = |event: &Event| match event {
        Event::Ended { outcome } => Some(outcome.clone()),
        _ => None,
    };
    recording.moments.iter().filter_map(|moment| ended(&moment.event)).collect()
}

fn host() -> Arc<ScriptedHost> {
    ScriptedHost::new([("kv.get", json!({"n": 2}))])
}

#[tokio::test]
async fn calls_with_clock_randomness_timers_and_host_calls_come_out_the_same() {
    let calls = || {
        vec![hook("first", &json!({"title": "ü"})), hook("second", &Value::Null), route("page", &json!({}))]
    };
    for answering in [host() as Arc<dyn HostCalls>, Arc::new(Later(host()))] {
        let recording = recorded(CODE, answering, calls()).await;
        let report = replayed(CODE, &recording).await;
        assert_eq!(report.divergence, None);
        assert_eq!(report.outcomes, outcomes(&recording));
        assert_eq!(report.outcomes.len(), 6);
        assert_eq!((report.played, report.same_engine), (recording.moments.len(), true));
    }
}

#[tokio::test]
async fn two_runs_differ_and_each_replay_is_its_own_run() {
    let run = || recorded(CODE, host(), vec![hook("first", &Value::Null)]);
    let (one, other) = (run().await, run().await);
    assert_ne!(outcomes(&one), outcomes(&other));
    assert_eq!(replayed(CODE, &one).await.outcomes, outcomes(&one));
    assert_eq!(replayed(CODE, &other).await.outcomes, outcomes(&other));
}

#[tokio::test]
async fn calls_that_were_stopped_are_stopped_again() {
    let short = Duration::from_millis(30);
    let looping = GuestCall { cpu: short, ..hook("loop", &Value::Null) };
    let recording = recorded(CODE, host(), vec![looping]).await;
    let report = replayed(CODE, &recording).await;
    assert_eq!(report.outcomes, [Outcome::Stopped("cpu".into())]);
    assert_eq!(report.divergence, None);

    let waiting = GuestCall { wall: short, ..hook("never", &Value::Null) };
    let recording = recorded(CODE, host(), vec![waiting]).await;
    assert_eq!(replayed(CODE, &recording).await.outcomes, [Outcome::Stopped("time".into())]);
}

#[tokio::test]
async fn changed_code_is_told_where_it_came_out_otherwise() {
    let recording = recorded(CODE, host(), vec![hook("first", &Value::Null)]).await;
    let changed = CODE.replace(r#"ctx.kv.get("b")"#, r#"ctx.kv.get("c")"#);
    let Divergence { moment, recorded, replayed } = replayed(&changed, &recording).await.divergence.unwrap();
    assert!(recorded.contains(r#"["b"]"#) || recorded.contains(r#"[\"b\"]"#), "{recorded}");
    assert_eq!(replayed, r#"starts kv.get with ["c"]"#);
    assert!(moment > 0);
    // The same questions and another result: that is a divergence, too.
    let changed = CODE.replace("seen++;", "seen += 2;");
    let divergence = self::replayed(&changed, &recording).await.divergence.unwrap();
    assert!(divergence.replayed.starts_with("ends with "), "{divergence:?}");
}

#[tokio::test]
async fn a_recording_that_grew_too_large_plays_as_far_as_it_goes() {
    let mut instance = instance(CODE, host()).await;
    instance.record(900);
    instance.call(hook("first", &json!({"text": "x".repeat(400)}))).await;
    let recording = instance.recording().unwrap();
    assert!(recording.truncated);
    let report = replayed(CODE, &recording).await;
    assert_eq!((report.played, report.divergence), (recording.moments.len(), None));
}

#[tokio::test]
async fn nothing_is_kept_that_was_not_asked_for() {
    let mut instance = instance(CODE, host()).await;
    instance.call(hook("first", &Value::Null)).await;
    assert_eq!(instance.recording(), None);
}
