//! Plugins in the save pipeline (A4, A5, A14–A16).

use emdash_testkit::{Plugin, Serving, TestServer, shape};
use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{POSTS, draft};

fn before_save(id: &str, body: &str) -> Plugin {
    let code = format!(
        "export default {{ hooks: {{ 'content:beforeSave': async (event, ctx) => {{ {body} }} }} }};"
    );
    Plugin::new(id, &code).capabilities(&["content:write"]).hooks(&["content:beforeSave"])
}

#[test]
fn a_plugin_changes_what_is_stored() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&before_save("shout", "return { ...event.content, title: event.content.title + '!' };"));
    let id = draft(&admin, "Hello");
    let stored = admin.get(&format!("{POSTS}/{id}")).data();
    assert_eq!(stored["item"]["data"]["title"], "Hello!");
    let changed = admin.put(&format!("{POSTS}/{id}"), &json!({"data": {"title": "Bye"}})).data();
    assert_eq!(changed["item"]["data"]["title"], "Bye!");
}

#[test]
fn plugins_change_it_one_after_the_other_in_the_order_of_installation() {
    let server = TestServer::start();
    for id in ["first", "second"] {
        let body = format!("return {{ ...event.content, title: event.content.title + ' {id}' }};");
        server.install(&before_save(id, &body));
    }
    let admin = server.administrator();
    let id = draft(&admin, "Title");
    let stored = admin.get(&format!("{POSTS}/{id}")).data();
    assert_eq!(stored["item"]["data"]["title"], "Title first second");
}

#[test]
fn a_plugin_that_throws_refuses_the_save_by_name_and_nothing_is_stored() {
    let server = TestServer::start();
    let admin = server.administrator();
    let id = draft(&admin, "As it was");
    server.install(&before_save("strict", "throw new Error('titles need a verb');"));

    let refused = admin.post(POSTS, &json!({"data": {"title": "New"}})).refused(422, "SAVE_REJECTED");
    assert_json_snapshot!(shape(refused), @r#"
    {
      "code": "SAVE_REJECTED",
      "message": "The plugin strict refused the save in content:beforeSave: titles need a verb",
      "details": {
        "plugin": "strict",
        "version": "1.0.0",
        "hook": "content:beforeSave",
        "code": "HOOK_ERROR",
        "reason": "titles need a verb"
      },
      "hint": "Nothing was stored. Change the entry as the plugin asks, or ask an administrator to switch strict off.",
      "doc": "docs/errors.md#save_rejected",
      "requestId": "[id]"
    }
    "#);
    let change = json!({"data": {"title": "Changed"}});
    admin.put(&format!("{POSTS}/{id}"), &change).refused(422, "SAVE_REJECTED");

    let list = admin.get(POSTS).data();
    assert_eq!((list["total"].as_u64(), &list["items"][0]["data"]["title"]), (Some(1), &json!("As it was")));
    let revisions = admin.get(&format!("{POSTS}/{id}/revisions")).data();
    assert_eq!(revisions["total"], 0, "no draft was staged");
}

#[test]
fn a_plugin_that_loops_is_stopped_within_its_budget_and_on_record() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&before_save("looper", "for (;;) {}"));
    let refused = admin.post(POSTS, &json!({"data": {"title": "New"}})).refused(422, "SAVE_REJECTED");
    assert_eq!(refused["details"]["code"], "PLUGIN_CPU_LIMIT", "{refused}");
    assert_eq!(refused["details"]["limit"], 500, "{refused}");
    let violations = admin.get("/_emdash/api/admin/plugins/violations?pluginId=looper").data();
    assert_eq!(violations["items"][0]["code"], "PLUGIN_CPU_LIMIT", "{violations}");
    assert_eq!(admin.get(POSTS).data()["total"], 0);
}

#[test]
fn what_a_plugin_answers_is_validated_like_what_a_person_sends() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&before_save("mangler", "return { ...event.content, title: 7 };"));
    let refused = admin.post(POSTS, &json!({"data": {"title": "New"}}));
    assert!((400..500).contains(&refused.status), "{refused}");
    assert_eq!(admin.get(POSTS).data()["total"], 0);
}

#[test]
fn a_plugin_json_of_api_version_1_maps_hooks_to_named_handlers() {
    let server = TestServer::start();
    let admin = server.administrator();
    let manifest = json!({
        "id": "auto-seo", "name": "Auto SEO", "version": "1.0.0", "api_version": "1",
        "hooks": {"content:before_save": "transform_content"},
        "sandbox": {"allowed_hosts": [], "max_cpu_ms": 500, "max_memory_mb": 64},
    });
    let code = r#"
        export async function transform_content(event, ctx) {
            return { ...event.content, excerpt: `About ${event.content.title}` };
        }"#;
    server.install(&Plugin::from_plugin_json(manifest, code));
    let id = draft(&admin, "Wasm");
    let stored = admin.get(&format!("{POSTS}/{id}")).data();
    assert_eq!(stored["item"]["data"]["excerpt"], "About Wasm");
}
