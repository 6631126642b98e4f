//! What plugins do with content, through the whole program (plugin contract §3.4, §3.17; rulings 1 and 13).

use emdash_testkit::{Client, Plugin, Serving, TestServer, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::agents::{agent, call, error, events, recorder, value};
use crate::support::{POSTS, draft, plugin_info, published};

fn writing() -> (TestServer, Client) {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&agent("agent", &["content:write"]));
    (server, admin)
}

#[test]
fn a_plugin_creates_changes_and_deletes_entries() {
    let (_server, admin) = writing();
    let data = json!({
        "title": "By a plugin", "slug": "by-a-plugin", "id": "ignored", "version": 9, "Not-a-field": 1,
        "seo": {"title": "For searchers"},
    });
    let created = value(&admin, "content.create", json!(["posts", data]));
    assert_json_snapshot!(shape(created.clone()), @r#"
    {
      "id": "[id]",
      "type": "posts",
      "slug": "by-a-plugin",
      "status": "draft",
      "data": {
        "title": "By a plugin"
      },
      "createdAt": "[time]",
      "updatedAt": "[time]",
      "publishedAt": null,
      "scheduledAt": null,
      "locale": "en",
      "seo": {
        "title": "For searchers",
        "description": null,
        "image": null,
        "canonical": null,
        "noIndex": false
      }
    }
    "#);
    let id = created["id"].as_str().expect("an id").to_owned();

    let updated = value(&admin, "content.update", json!(["posts", id, {"title": "Changed"}]));
    assert_eq!(updated["data"]["title"], "Changed");
    assert_eq!(admin.get(&format!("{POSTS}/{id}")).data()["item"]["data"]["title"], "Changed");

    assert_eq!(value(&admin, "content.delete", json!(["posts", id])), true);
    assert_eq!(value(&admin, "content.delete", json!(["posts", id])), false);
    assert_eq!(value(&admin, "content.get", json!(["posts", id])), Value::Null);
}

#[test]
fn what_is_written_is_validated_and_refused_with_the_texts_plugins_match_on() {
    let (_server, admin) = writing();
    let id = draft(&admin, "There");
    let refusals: Vec<Value> = [
        ("content.create", json!(["Posts!", {"title": "x"}])),
        ("content.create", json!(["nothing", {"title": "x"}])),
        ("content.create", json!(["posts", {}])),
        ("content.create", json!(["posts", {"title": 7}])),
        ("content.create", json!(["posts", {"title": "x", "bogus": 1}])),
        ("content.create", json!(["posts", {"title": "x", "status": "gone"}])),
        ("content.create", json!(["posts", {"title": "x", "status": "scheduled"}])),
        ("content.create", json!(["posts", {"title": "x", "author_id": "nobody"}])),
        ("content.create", json!(["posts", {"title": "x"}, {"locale": "not a locale"}])),
        ("content.create", json!(["posts", {"title": "x"}, {"locale": 7}])),
        ("content.create", json!(["posts", {"title": "x"}, {"translationOf": "nothing"}])),
        ("content.create", json!(["posts", {"title": "x"}, {"translationOf": id}])),
        ("content.create", json!(["posts", {"title": "x", "slug": "there"}])),
        ("content.update", json!(["posts", "absent", {"title": "x"}])),
        ("content.update", json!(["posts", "there", {"title": "x"}])),
        ("content.update", json!(["posts", id, {"bogus": 1}])),
        ("content.createMany", json!(["posts", vec![json!({"title": "x"}); 101]])),
        ("content.updateMany", json!(["posts", vec![json!({"id": id, "data": {}}); 101]])),
        ("content.deleteMany", json!(["posts", vec!["x"; 101]])),
    ]
    .into_iter()
    .map(|(method, arguments)| call(&admin, method, arguments))
    .collect();
    assert_json_snapshot!("refused_writes", shape(Value::Array(refusals)));
    assert_eq!(admin.get(POSTS).data()["total"], 1, "nothing was stored");
}

#[test]
fn a_plugin_without_the_capability_writes_nothing() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&agent("agent", &["content:read"]));
    for method in ["create", "update", "delete", "createMany", "updateMany", "deleteMany"] {
        let refused = error(&admin, &format!("content.{method}"), json!(["posts", {}, {}]));
        assert_eq!(refused, "Missing capability: content:write");
    }
    assert_eq!(plugin_info(&admin, "agent")["health"]["errors"], 0);
}

#[test]
fn a_batch_is_stored_as_a_whole_or_not_at_all() {
    let (_server, admin) = writing();
    let created = value(&admin, "content.createMany", json!(["posts", [{"title": "A"}, {"title": "B"}]]));
    let ids: Vec<&Value> = created.as_array().expect("items").iter().map(|item| &item["id"]).collect();
    assert_eq!(ids.len(), 2);

    let half = json!(["posts", [{"title": "C"}, {"title": 7}]]);
    error(&admin, "content.createMany", half);
    let half = json!(["posts", [{"id": ids[0], "data": {"title": "AA"}}, {"id": "absent", "data": {}}]]);
    assert_eq!(error(&admin, "content.updateMany", half), "Content not found");
    assert_eq!(admin.get(POSTS).data()["total"], 2);

    let both =
        json!(["posts", [{"id": ids[0], "data": {"title": "AA"}}, {"id": ids[1], "data": {"title": "BB"}}]]);
    let updated = value(&admin, "content.updateMany", both);
    assert_eq!((&updated[0]["data"]["title"], &updated[1]["data"]["title"]), (&json!("AA"), &json!("BB")));
    let deleted = value(&admin, "content.deleteMany", json!(["posts", [ids[0], "absent", ids[1], ids[1]]]));
    assert_eq!(deleted, 2);
}

#[test]
fn a_change_is_staged_and_a_status_takes_the_step_it_names() {
    let (server, admin) = writing();
    let id = published(&admin, "Public");
    let staged =
        value(&admin, "content.update", json!(["posts", id, {"title": "Staged", "status": "published"}]));
    assert_eq!(
        (&staged["data"]["title"], &staged["liveData"]["title"]),
        (&json!("Staged"), &json!("Public"))
    );
    let page = || server.anonymous().get("/posts/public").text();
    assert!(page().contains("Public") && !page().contains("Staged"));

    let taken = value(&admin, "content.update", json!(["posts", id, {"status": "draft"}]));
    assert_eq!(taken["status"], "draft");
    assert_eq!(server.anonymous().get("/posts/public").status, 404);
    let back = value(&admin, "content.update", json!(["posts", id, {"status": "published"}]));
    assert_eq!((&back["status"], &back["data"]["title"]), (&json!("published"), &json!("Staged")));
    assert!(page().contains("Staged"));

    let created =
        value(&admin, "content.create", json!(["posts", {"title": "At once", "status": "published"}]));
    assert!(created["publishedAt"].is_string(), "{created}");
    assert_eq!(server.anonymous().get("/posts/at-once").status, 200);
    let cleared = value(&admin, "content.create", json!(["posts", {"title": "x"}]));
    let cleared = value(&admin, "content.update", json!(["posts", cleared["id"], {"slug": null}]));
    assert_eq!(cleared["slug"], Value::Null);
}

#[test]
fn a_translation_joins_the_group_of_its_original() {
    let (_server, admin) = writing();
    let id = draft(&admin, "Original");
    let options = json!({"locale": "de", "translationOf": id});
    let translated = value(&admin, "content.create", json!(["posts", {"title": "Original"}, options]));
    assert_eq!((&translated["locale"], &translated["slug"]), (&json!("de"), &json!("original")));
    let group = |id: &Value| {
        let path = format!("{POSTS}/{}", id.as_str().expect("an id"));
        admin.get(&path).data()["item"]["translationGroup"].take()
    };
    assert_eq!(group(&translated["id"]), id.as_str());
    let again = json!(["posts", {"title": "x"}, {"locale": "de", "translationOf": translated["id"]}]);
    let refused = call(&admin, "content.create", again);
    assert_eq!(refused["code"], "CONFLICT", "{refused}");
    let german = value(&admin, "content.list", json!(["posts", {"where": {"locale": "de"}}]));
    assert_eq!(german["items"].as_array().map(Vec::len), Some(1));
}

const SAVE_HOOKS: [&str; 3] = ["content:beforeSave", "content:afterSave", "content:afterDelete"];

#[test]
fn a_plugins_write_runs_the_hooks_of_others_and_never_its_own() {
    let server = TestServer::start();
    let admin = server.administrator();
    // Writes from within its own hooks, too: a plugin that listened to itself would never end.
    let code = r#"export default { hooks: { "content:afterSave": async (event, ctx) => {
        await ctx.kv.set("told", ((await ctx.kv.get("told")) ?? 0) + 1);
        await ctx.content.create("posts", { title: `After ${event.content.data.title}` });
    } }, routes: { told: async (_, ctx) => (await ctx.kv.get("told")) ?? 0 } };"#;
    let echo = Plugin::new("echo", code).capabilities(&["content:write"]).hooks(&["content:afterSave"]);
    server.install(&echo.routes(&["told"]));
    server.install(&recorder("recorder", &["content:write"], &SAVE_HOOKS));

    draft(&admin, "This");
    let told = events(&admin, "recorder", 4);
    let titles: Vec<_> = told.iter().map(|told| (&told["hook"], title_of(&told["event"]))).collect();
    let count = |title: &str| titles.iter().filter(|(_, told)| told == title).count();
    assert_eq!((count("This"), count("After This"), titles.len()), (2, 2, 4), "{titles:?}");
    assert_eq!(admin.get("/_emdash/api/plugins/echo/told").data(), 1, "its own post is no news to it");
}

fn title_of(event: &Value) -> String {
    let content = &event["content"];
    let title = content["data"]["title"].as_str().or(content["title"].as_str());
    title.unwrap_or_default().to_owned()
}

#[test]
fn plugins_that_answer_each_others_writes_come_to_an_end() {
    let server = TestServer::start();
    let admin = server.administrator();
    for id in ["one", "two", "three", "four", "five"] {
        let code = format!(
            "export default {{ hooks: {{ 'content:beforeSave': async (event, ctx) => {{
                await ctx.content.create('posts', {{ title: event.content.title + ' {id}' }});
            }} }} }};"
        );
        let plugin = Plugin::new(id, &code).capabilities(&["content:write"]);
        server.install(&plugin.hooks(&["content:beforeSave"]));
    }
    let refused = admin.post(POSTS, &json!({"data": {"title": "x"}})).refused(422, "SAVE_REJECTED");
    let reason = refused["details"]["reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason.contains("at most 3 deep"), "{refused}");
    assert_eq!(admin.get(POSTS).data()["total"], 0);
}

#[test]
fn another_plugin_may_refuse_what_a_plugin_writes() {
    let (server, admin) = writing();
    let code = r#"export default { hooks: {
        "content:beforeSave": () => { throw new Error("no verbs"); },
        "content:beforeDelete": () => false,
    } };"#;
    let id = draft(&admin, "Stays");
    let strict = Plugin::new("strict", code).capabilities(&["content:write"]);
    server.install(&strict.hooks(&["content:beforeSave", "content:beforeDelete"]));
    let refused = call(&admin, "content.create", json!(["posts", {"title": "x"}]));
    assert_eq!(refused["code"], "SAVE_REJECTED");
    assert!(refused["error"].as_str().is_some_and(|text| text.contains("no verbs")), "{refused}");
    let refused = call(&admin, "content.delete", json!(["posts", id]));
    assert_eq!(refused["code"], "DELETE_BLOCKED");
}
