//! Every content hook in the pipeline it belongs to, with its exact event (plugin contract §4.2–§4.6).

use emdash_testkit::{Client, Plugin, Serving, TestServer, eventually, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::agents::{events, recorder};
use crate::support::{POSTS, draft, plugin_info};

const ALL: [&str; 9] = [
    "content:beforeSave",
    "content:afterSave",
    "content:beforeDelete",
    "content:afterDelete",
    "content:afterPublish",
    "content:afterUnpublish",
    "content:afterRestore",
    "content:afterSchedule",
    "content:afterUnschedule",
];

fn hooks_of(told: &[Value]) -> Vec<&str> {
    told.iter().filter_map(|told| told["hook"].as_str()).collect()
}

/// One entry's whole life; every step is told before the next is taken.
fn live(admin: &Client, id: &str) {
    let path = format!("{POSTS}/{id}");
    let steps: [(usize, &dyn Fn()); 8] = [
        (4, &|| drop(admin.put(&path, &json!({"data": {"title": "Changed"}})).data())),
        (5, &|| drop(admin.act(&format!("{path}/publish")).data())),
        (7, &|| drop(admin.put(&path, &json!({"data": {"title": "Staged"}, "skipRevision": true})).data())),
        (8, &|| drop(admin.act(&format!("{path}/unpublish")).data())),
        (9, &|| {
            let at = json!({"scheduledAt": "2999-01-01T00:00:00Z"});
            drop(admin.post(&format!("{path}/schedule"), &at).data());
        }),
        (10, &|| drop(admin.delete(&format!("{path}/schedule")).data())),
        (12, &|| drop(admin.delete(&path).data())),
        (13, &|| drop(admin.act(&format!("{path}/restore")).data())),
    ];
    for (wanted, step) in steps {
        step();
        events(admin, "recorder", wanted);
    }
}

#[test]
fn every_step_of_an_entrys_life_is_told_with_its_event() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&recorder("recorder", &["content:write"], &ALL));
    let id = draft(&admin, "New");
    events(&admin, "recorder", 2);
    live(&admin, &id);
    let path = format!("{POSTS}/{id}");
    admin.delete(&path).accepted();
    events(&admin, "recorder", 15);
    admin.delete(&format!("{path}/permanent")).accepted();
    let told = events(&admin, "recorder", 16);
    assert_json_snapshot!("every_event", shape(Value::from(told)));
}

#[test]
fn what_changes_no_field_is_told_after_and_not_before() {
    let server = TestServer::start();
    let admin = server.administrator();
    let id = draft(&admin, "New");
    server.install(&recorder("recorder", &["content:write"], &ALL));
    admin.put(&format!("{POSTS}/{id}"), &json!({"slug": "other"})).accepted();
    assert_eq!(hooks_of(&events(&admin, "recorder", 1)), ["content:afterSave"]);
}

#[test]
fn a_scheduled_publication_is_told_when_it_happens() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&recorder("recorder", &["content:read"], &["content:afterPublish"]));
    let id = draft(&admin, "Soon");
    let now = admin.get(&format!("{POSTS}/{id}")).data()["item"]["createdAt"].clone();
    let soon = soon_after(now.as_str().expect("an instant"));
    admin.post(&format!("{POSTS}/{id}/schedule"), &json!({"scheduledAt": soon})).accepted();
    let told = events(&admin, "recorder", 1);
    assert_eq!(
        (&told[0]["event"]["content"]["id"], &told[0]["event"]["content"]["status"]),
        (&json!(id), &json!("published"))
    );
}

/// Two seconds later.
fn soon_after(instant: &str) -> String {
    let at = emdash_types::Timestamp::parse(instant).expect("an instant");
    at.plus_millis(2000).to_string()
}

#[test]
fn both_spellings_name_the_same_hook() {
    let server = TestServer::start();
    let admin = server.administrator();
    let snake: Vec<&str> = vec!["content:before_save", "content:after_save"];
    server.install(&recorder("recorder", &["content:write"], &snake));
    draft(&admin, "New");
    assert_eq!(hooks_of(&events(&admin, "recorder", 2)), snake);
}

#[test]
fn without_the_capability_a_plugin_is_told_which_entry_and_the_administrator_reads_so() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&recorder("recorder", &[], &["content:beforeSave", "content:afterSave"]));
    draft(&admin, "Secret");
    let told = events(&admin, "recorder", 2);
    assert!(!Value::from(told.clone()).to_string().contains("Secret"), "{told:?}");
    assert_json_snapshot!(plugin_info(&admin, "recorder")["hooks"], @r#"
    [
      {
        "name": "content:beforeSave",
        "access": "identity",
        "missingCapability": "content:write"
      },
      {
        "name": "content:afterSave",
        "access": "identity",
        "missingCapability": "content:read"
      }
    ]
    "#);
}

/// Adds its id to the title before it is saved.
fn signer(id: &str, options: &str) -> Plugin {
    let code = format!(
        "export default {{ hooks: {{ 'content:beforeSave': {{ {options} handler: async (event) =>
            ({{ ...event.content, title: event.content.title + ' {id}' }}) }} }} }};"
    );
    Plugin::new(id, &code).capabilities(&["content:write"]).hooks(&["content:beforeSave"])
}

#[test]
fn order_is_dependencies_then_priority_then_installation() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&signer("after-late", "priority: 1, dependencies: ['late'],"));
    server.install(&signer("late", "priority: 200,"));
    server.install(&signer("plain", ""));
    server.install(&signer("early", "priority: -5.5,"));
    server.install(&signer("plain-too", ""));
    let id = draft(&admin, "by");
    let stored = admin.get(&format!("{POSTS}/{id}")).data();
    assert_eq!(stored["item"]["data"]["title"], "by early plain plain-too late after-late");

    server.install(&signer("alone", "priority: 300, dependencies: ['not-there'],"));
    let id = draft(&admin, "by");
    let stored = admin.get(&format!("{POSTS}/{id}")).data();
    assert_eq!(stored["item"]["data"]["title"], "by early plain plain-too late after-late alone");
}

#[test]
fn a_plugin_that_may_fail_is_passed_over_and_a_slow_one_is_stopped_in_its_own_time() {
    let server = TestServer::start();
    let admin = server.administrator();
    let broken = "export default { hooks: { 'content:beforeSave': { errorPolicy: 'continue', handler: async (event) => {
        event.content.title = 'spoiled'; throw new Error('broken');
    } } } };";
    let broken = Plugin::new("broken", broken).capabilities(&["content:write"]);
    server.install(&broken.hooks(&["content:beforeSave"]));
    server.install(&signer("next", ""));
    let id = draft(&admin, "by");
    let stored = admin.get(&format!("{POSTS}/{id}")).data();
    assert_eq!(stored["item"]["data"]["title"], "by next", "each plugin has a copy of its own");

    let slow = "export default { hooks: { 'content:beforeSave': { timeout: 50, handler: () =>
        new Promise((resolve) => setTimeout(resolve, 60000)) } } };";
    let slow = Plugin::new("slow", slow).capabilities(&["content:write"]);
    server.install(&slow.hooks(&["content:beforeSave"]));
    let refused = admin.post(POSTS, &json!({"data": {"title": "x"}})).refused(422, "SAVE_REJECTED");
    assert_eq!(
        (&refused["details"]["code"], &refused["details"]["limit"]),
        (&json!("PLUGIN_TIME_LIMIT"), &json!(50))
    );
}

#[test]
fn a_deletion_is_blocked_by_false_and_by_failure() {
    let server = TestServer::start();
    let admin = server.administrator();
    let id = draft(&admin, "Kept");
    let code = "export default { hooks: { 'content:beforeDelete': () => false } };";
    let keeper = Plugin::new("keeper", code).capabilities(&["content:read"]);
    server.install(&keeper.hooks(&["content:beforeDelete"]));
    let refused = admin.delete(&format!("{POSTS}/{id}")).refused(400, "DELETE_BLOCKED");
    assert!(
        refused["message"].as_str().is_some_and(|text| text.starts_with("Delete blocked by plugin hook"))
    );
    admin.get(&format!("{POSTS}/{id}")).accepted();
}

#[test]
fn a_failing_hook_after_the_fact_fails_no_response_and_keeps_no_other_from_running() {
    let server = TestServer::start();
    let admin = server.administrator();
    let code = "export default { hooks: { 'content:afterSave': async (event) => {
        event.content.id = 'spoiled'; throw new Error('too late');
    } } };";
    let broken = Plugin::new("broken", code).capabilities(&["content:read"]);
    server.install(&broken.hooks(&["content:afterSave"]));
    server.install(&recorder("recorder", &["content:read"], &["content:afterSave"]));
    let id = draft(&admin, "Fine");
    let told = events(&admin, "recorder", 1);
    assert_eq!(told[0]["event"]["content"]["id"], id.as_str());
    eventually("the failure is in the plugin's books", || {
        (plugin_info(&admin, "broken")["health"]["errors"] == 1).then_some(())
    });
}
