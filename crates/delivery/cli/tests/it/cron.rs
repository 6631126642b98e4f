//! Tasks that plugins schedule, in the running program (plugin contract §3.11; B16).

use emdash_testkit::{ChildServer, Plugin, Serving, TestData, TestServer, eventually, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::binary;

const ROUTE: &str = "/_emdash/api/plugins/clockwork";

/// Schedules what it is told to and remembers its runs.
fn clockwork() -> Plugin {
    let code = r#"
        export default {
          hooks: {
            cron: async (event, ctx) => {
              if (event.data?.fail) throw new Error("not today");
              await ctx.storage.runs.put(`${event.name} ${event.scheduledAt}`, event);
            },
          },
          routes: {
            schedule: ({ input }, ctx) => ctx.cron.schedule(input.name, input.options),
            tasks: (_, ctx) => ctx.cron.list(),
            runs: async (_, ctx) => (await ctx.storage.runs.query({})).items.map((item) => item.data),
          },
        };"#;
    Plugin::new("clockwork", code)
        .hooks(&["cron"])
        .with("storage", json!({"runs": {"indexes": []}}))
        .routes(&["schedule", "tasks", "runs"])
}

fn items(value: &Value) -> &Vec<Value> {
    value["items"].as_array().expect("a list")
}

#[test]
fn a_one_shot_runs_and_is_forgotten_and_a_recurring_task_waits_for_its_time() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&clockwork());
    let schedule = |body: Value| admin.post(&format!("{ROUTE}/schedule"), &body);
    schedule(json!({"name": "yearly", "options": {"schedule": "0 0 1 1 *"}})).accepted();
    schedule(json!({"name": "now", "options": {"schedule": "2026-01-01T00:00:00Z", "data": {"n": 1}}}))
        .accepted();
    let runs = eventually("the one-shot runs", || {
        let runs = admin.get(&format!("{ROUTE}/runs")).data();
        runs.as_array().is_some_and(|runs| !runs.is_empty()).then_some(runs)
    });
    assert_eq!(runs, json!([{"name": "now", "scheduledAt": "2026-01-01T00:00:00.000Z", "data": {"n": 1}}]));
    let waiting = eventually("it is forgotten", || {
        let list = admin.get("/_emdash/api/admin/plugins/clockwork/cron").data();
        (items(&list).len() == 1).then_some(list)
    });
    assert_json_snapshot!(shape(waiting), @r#"
    {
      "items": [
        {
          "pluginId": "clockwork",
          "name": "yearly",
          "schedule": "0 0 1 1 *",
          "oneShot": false,
          "nextRunAt": "[time]",
          "running": false,
          "failures": 0,
          "lastRunAt": null,
          "lastError": null
        }
      ]
    }
    "#);
}

#[test]
fn a_task_survives_the_death_of_the_server_and_its_failure_is_shown() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    let admin = server.administrator();
    server.install(&clockwork());
    let failing =
        json!({"name": "failing", "options": {"schedule": "2026-01-01T00:00:00Z", "data": {"fail": true}}});
    admin.post(&format!("{ROUTE}/schedule"), &failing).accepted();
    let data = server.kill();
    let server = ChildServer::start(binary(), data, &[]);
    let admin = server.administrator();
    let task = eventually("it ran and failed", || {
        let list = admin.get("/_emdash/api/admin/plugins/cron").data();
        items(&list).first().filter(|task| task["failures"] == 1).cloned()
    });
    assert_eq!((&task["name"], &task["lastError"]), (&json!("failing"), &json!("not today")));
}
