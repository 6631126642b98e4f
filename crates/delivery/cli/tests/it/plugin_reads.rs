//! What plugins read of content, taxonomies, users and the site (plugin contract §3.4, §3.5, §3.9, §3.13).

use emdash_testkit::{Role, Serving, TestServer, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::agents::{agent, call, error, value};
use crate::support::{POSTS, draft, published};

#[test]
fn a_list_is_filtered_ordered_and_paged_without_gaps() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&agent("agent", &["content:read"]));
    for number in 0..5 {
        published(&admin, &format!("Post {number}"));
    }
    draft(&admin, "Draft");
    let mut seen: Vec<Value> = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let options = json!({"limit": 2, "cursor": cursor, "orderBy": {"title": "asc"}, "where": {"status": "published"}});
        let mut page = value(&admin, "content.list", json!(["posts", options]));
        let items = page["items"].as_array().expect("items").clone();
        seen.extend(items.iter().map(|item| item["data"]["title"].clone()));
        assert_eq!(page["hasMore"], page["cursor"].is_string(), "{page}");
        cursor = page["cursor"].take();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["Post 0", "Post 1", "Post 2", "Post 3", "Post 4"]);

    let empty = json!({"items": [], "hasMore": false});
    for arguments in [
        json!(["nothing"]),
        json!(["posts", {"where": {"status": "archived"}}]),
        json!(["posts", {"where": {"locale": "de"}}]),
    ] {
        assert_eq!(value(&admin, "content.list", arguments.clone()), empty, "{arguments}");
    }
    assert_eq!(value(&admin, "content.get", json!(["nothing", "x"])), Value::Null);
    let refusals: Vec<Value> = [
        json!(["Posts!"]),
        json!(["posts", {"cursor": "nonsense"}]),
        json!(["posts", {"orderBy": {"excerpt": "asc"}}]),
        json!(["posts", {"orderBy": {"title": "up"}}]),
        json!(["posts", {"where": {"fieldFilters": {"excerpt": "x"}}}]),
        json!(["posts", {"where": {"fieldFilters": {"excerpt": {"like": "x"}}}}]),
    ]
    .into_iter()
    .map(|arguments| call(&admin, "content.list", arguments))
    .collect();
    assert_json_snapshot!("refused_lists", refusals);
}

#[test]
fn an_item_by_id_has_its_whole_shape_and_no_other_name() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&agent("agent", &["content:read"]));
    let id = published(&admin, "Whole");
    assert_json_snapshot!("whole_item", shape(value(&admin, "content.get", json!(["posts", id]))));
    assert_eq!(value(&admin, "content.get", json!(["posts", "whole"])), Value::Null);
    admin.delete(&format!("{POSTS}/{id}")).accepted();
    assert_eq!(value(&admin, "content.get", json!(["posts", id])), Value::Null);
}

#[test]
fn taxonomies_and_terms_are_told_with_the_capability_only() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&agent("agent", &["taxonomies:read"]));
    let id = draft(&admin, "Untagged");
    assert_json_snapshot!("taxonomies", value(&admin, "taxonomies.getAll", json!([])));
    assert_eq!(value(&admin, "taxonomies.getAll", json!([{"locale": "de"}])), json!([]));
    assert_eq!(value(&admin, "taxonomies.getTerms", json!(["nothing"])), json!([]));
    assert_eq!(value(&admin, "taxonomies.getTerms", json!(["category"])), json!([]));
    assert_eq!(value(&admin, "taxonomies.getEntryTerms", json!(["posts", id])), json!([]));
    assert_eq!(value(&admin, "taxonomies.getEntryTerms", json!(["nothing", id])), json!([]));
    assert_eq!(error(&admin, "content.get", json!(["posts", id])), "Missing capability: content:read");
}

#[test]
fn users_are_told_without_secrets_and_only_with_the_capability() {
    let server = TestServer::start();
    let admin = server.administrator();
    for role in [Role::Editor, Role::Author] {
        let _ = server.data().token(role, &["admin"]);
    }
    server.install(&agent("agent", &["users:read"]));
    let first = value(&admin, "users.list", json!([{"limit": 2}]));
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2), "{first}");
    let second = value(&admin, "users.list", json!([{"limit": 2, "cursor": first["nextCursor"]}]));
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1));
    assert!(second.get("nextCursor").is_none() && second.get("hasMore").is_none(), "{second}");
    let editors = value(&admin, "users.list", json!([{"role": 40}]));
    assert_json_snapshot!("editors", shape(editors.clone()));
    assert_eq!(value(&admin, "users.list", json!([{"role": 41}])), json!({"items": []}));
    let id = &editors["items"][0]["id"];
    assert_eq!(value(&admin, "users.get", json!([id])), editors["items"][0]);
    assert_eq!(value(&admin, "users.getByEmail", json!(["EDITOR@example.com"])), editors["items"][0]);
    assert_eq!(value(&admin, "users.get", json!(["nobody"])), Value::Null);
    assert_eq!(error(&admin, "users.list", json!([{"cursor": "x"}])), "Invalid pagination cursor: x");
}

#[test]
fn users_are_absent_without_the_capability_and_the_site_is_there() {
    let server = TestServer::start();
    let admin = server.administrator();
    server.install(&agent("agent", &[]));
    assert!(call(&admin, "users.get", json!(["x"]))["error"].is_string());
    let code = "export default { routes: { site: async (_, ctx) => ({
        site: ctx.site, url: ctx.url('/a'), users: 'users' in ctx,
        present: ['content', 'media', 'taxonomies', 'http', 'cron', 'kv', 'storage'].every((name) => name in ctx),
    }) } };";
    server.install(&emdash_testkit::Plugin::new("teller", code).routes(&["site"]));
    let told = admin.get("/_emdash/api/plugins/teller/site").data();
    let base = server.base();
    let site = json!({"name": "Test site", "url": base, "locale": "en", "trailingSlash": "never"});
    assert_eq!(told, json!({"site": site, "url": format!("{base}/a"), "users": false, "present": true}));
}
