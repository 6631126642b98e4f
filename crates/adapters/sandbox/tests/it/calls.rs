//! Hooks and routes: what reaches them and what comes back.

use serde_json::json;

use crate::support::{ScriptedHost, hook, instance, probe, returned};

#[tokio::test]
async fn a_hook_gets_the_event_and_its_result_comes_back() {
    let code = "export default { hooks: { 'content:beforeSave': async (event) => ({ ...event.content, seen: true }) } };";
    let mut instance = instance(code, ScriptedHost::new([])).await;
    let report = instance.call(hook("content:beforeSave", &json!({"content": {"title": "a"}}))).await;
    assert_eq!(returned(report), json!({"title": "a", "seen": true}));
}

#[tokio::test]
async fn one_plus_one() {
    assert_eq!(probe("return 1 + 1").await, json!(2));
}
