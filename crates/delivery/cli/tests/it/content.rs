//! The content API's shapes and rules (CMS contract §1.8, §3.2, §3.14, §3.15).

use emdash_testkit::{Client, Serving, TestServer, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{POSTS, draft, published};

fn at(id: &str) -> String {
    format!("{POSTS}/{id}")
}

#[test]
fn an_entry_lives_as_the_contract_says() {
    let server = TestServer::start();
    let admin = server.administrator();
    let body = json!([{"_type": "block", "children": [{"_type": "span", "text": "Hi"}]}]);
    let created = admin.post(POSTS, &json!({"data": {"title": "Hello", "content": body}}));
    assert_eq!((created.status, created.header("cache-control").as_str()), (201, "private, no-store"));
    let id = created.data()["item"]["id"].as_str().expect("an id").to_owned();
    assert_json_snapshot!("created", shape(created.json()));

    let live = admin.act(&format!("{}/publish", at(&id))).data();
    assert_json_snapshot!("published", shape(live));

    let read = admin.get(&at("hello")).data();
    assert_eq!(read["item"]["id"], id, "a slug names an entry too");
    let changed = json!({"data": {"title": "Hello 2"}, "_rev": read["_rev"]});
    let changed = admin.put(&at(&id), &changed).data();
    assert_json_snapshot!("changed", shape(changed));
    assert_json_snapshot!("compared", shape(admin.get(&format!("{}/compare", at(&id))).data()));

    assert_eq!(admin.delete(&at(&id)).data(), json!({"deleted": true, "id": id}));
    let gone = admin.get(&at(&id)).refused(404, "NOT_FOUND");
    assert_json_snapshot!(shape(gone), @r#"
    {
      "code": "NOT_FOUND",
      "message": "Content item not found: [id]",
      "doc": "docs/errors.md#not_found",
      "requestId": "[id]"
    }
    "#);
    let trash = admin.get(&format!("{POSTS}/trash")).data();
    assert_eq!(trash["items"][0]["id"], id);
    let back = admin.act(&format!("{}/restore", at(&id))).data();
    assert_eq!(back["restored"], true);
    assert_eq!(back["item"]["data"]["title"], "Hello 2", "the draft came back, too");
    assert_eq!(admin.get(&at(&id)).data()["item"]["status"], "published");
}

#[test]
fn a_change_based_on_an_outdated_state_is_a_conflict_and_changes_nothing() {
    let server = TestServer::start();
    let admin = server.administrator();
    let id = draft(&admin, "Contested");
    let first = admin.get(&at(&id)).data();
    admin.put(&at(&id), &json!({"data": {"title": "Mine"}, "_rev": first["_rev"]})).accepted();
    for outdated in [first["_rev"].clone(), json!("BAD")] {
        let refused = admin.put(&at(&id), &json!({"data": {"title": "Theirs"}, "_rev": outdated}));
        refused.refused(409, "CONFLICT");
    }
    assert_eq!(admin.get(&at(&id)).data()["item"]["data"]["title"], "Mine");
    let blind = admin.put(&at(&id), &json!({"data": {"title": "Blind"}})).data();
    assert_eq!(blind["item"]["data"]["title"], "Blind");
}

#[test]
fn a_list_is_walked_by_cursor_without_gap_or_repetition() {
    let server = TestServer::start();
    let admin = server.administrator();
    (0..5).for_each(|number| drop(draft(&admin, &format!("Post {number}"))));
    let whole = ids(&admin.get(POSTS).data());
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{POSTS}?limit=2&cursor={cursor}")).data();
        assert_eq!(page["total"], 5);
        found.extend(ids(&page));
        match page.get("nextCursor") {
            Some(next) => cursor = next.as_str().expect("a text").replace('=', "%3D").replace('+', "%2B"),
            None => break,
        }
    }
    assert_eq!((found.len(), found), (5, whole));
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a list").iter();
    items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// Request and refusal, as one line of a table.
fn refusal(client: &Client, method: &str, path: &str, body: &Value) -> Value {
    let body = (!body.is_null()).then_some(body);
    let answer = client.send(method.parse().expect("a method"), path, body);
    let mut error = answer.json()["error"].take();
    if let Some(error) = error.as_object_mut() {
        error.remove("doc");
        error.remove("requestId");
    }
    json!({"request": format!("{method} {path}"), "body": body, "status": answer.status, "error": shape(error)})
}

#[test]
fn every_refusal_says_what_was_wrong_and_where() {
    let server = TestServer::start();
    let admin = server.administrator();
    published(&admin, "Taken");
    let null = Value::Null;
    let cases = [
        ("POST", POSTS, json!({"slug": 5})),
        ("POST", POSTS, json!({"data": {"title": 7, "bogus": 1}})),
        ("POST", POSTS, json!({"data": {}})),
        ("POST", POSTS, json!({"data": {"title": "Again"}, "slug": "taken"})),
        ("POST", POSTS, json!({"data": {"title": "x"}, "taxonomies": {"tag": ["nope"]}})),
        ("POST", POSTS, json!({"data": {"title": "x"}, "status": "published"})),
        ("POST", "/_emdash/api/content/nothing", json!({"data": {}})),
        ("GET", "/_emdash/api/content/posts?limit=500", null.clone()),
        ("GET", "/_emdash/api/content/posts?cursor=abc", null.clone()),
        ("GET", "/_emdash/api/content/posts?orderBy=zzz", null.clone()),
        ("GET", "/_emdash/api/content/posts/absent", null.clone()),
        ("PUT", "/_emdash/api/content/posts/absent", json!({"data": {"title": "x"}})),
        ("POST", "/_emdash/api/content/posts/taken/schedule", json!({"scheduledAt": "2020-01-01T00:00:00Z"})),
        ("POST", "/_emdash/api/content/posts/taken/restore", null.clone()),
        ("DELETE", "/_emdash/api/content/posts/taken/permanent", null.clone()),
        ("GET", "/_emdash/api/revisions/absent", null.clone()),
        ("GET", "/_emdash/api/nothing/here", null.clone()),
        ("PATCH", "/_emdash/api/content/posts", null),
    ];
    let refusals: Vec<Value> =
        cases.iter().map(|(method, path, body)| refusal(&admin, method, path, body)).collect();
    assert_json_snapshot!("refusals", refusals);
}
