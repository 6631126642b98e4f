//! Marketing asks, engineering decides (B28).

use emdash_testkit::{ChildServer, Plugin, Role, Serving, TestData, TestServer};
use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{binary, emdash, plugin_info};

const REQUESTS: &str = "/_emdash/api/admin/plugins/requests";

fn shop() -> Plugin {
    Plugin::new("shop", "export default { routes: { open: () => true } };")
        .capabilities(&["content:read"])
        .routes(&["open"])
}

#[test]
fn an_editor_asks_and_an_administrator_grants_with_consent() {
    let server = TestServer::start();
    let (admin, editor) = (server.administrator(), server.user(Role::Editor));
    let wish = json!({"pluginId": "shop", "note": "For the summer sale."});
    editor.post(REQUESTS, &wish).refused(404, "NOT_FOUND");
    server.publisher("Acme").publish(&shop()).accepted();
    let made = editor.post(REQUESTS, &wish);
    assert_eq!(made.status, 201, "{made}");
    assert_json_snapshot!(emdash_testkit::shape(made.data()), @r#"
    {
      "item": {
        "id": "[id]",
        "pluginId": "shop",
        "note": "For the summer sale.",
        "requestedBy": "[id]",
        "requestedAt": "[time]",
        "status": "open",
        "decidedBy": null,
        "decidedAt": null,
        "reason": null
      }
    }
    "#);
    editor.post(REQUESTS, &wish).refused(409, "CONFLICT");
    let id = made.data()["item"]["id"].as_str().expect("an id").to_owned();

    let grant = |body: &serde_json::Value| admin.post(&format!("{REQUESTS}/{id}/grant"), body);
    editor.post(&format!("{REQUESTS}/{id}/grant"), &json!({"confirm": true})).refused(403, "FORBIDDEN");
    grant(&json!({})).refused(403, "CONSENT_REQUIRED");
    assert_eq!(admin.get(&format!("{REQUESTS}?status=open")).data()["items"][0]["id"], json!(id));
    let granted = grant(&json!({"confirm": true})).data();
    assert_eq!(
        (&granted["item"]["status"], &granted["installed"]["pluginId"]),
        (&json!("granted"), &json!("shop"))
    );
    assert_eq!(plugin_info(&admin, "shop")["status"], "active");
    grant(&json!({"confirm": true})).refused(400, "INVALID_STATE");
    editor.post(REQUESTS, &wish).refused(409, "ALREADY_INSTALLED");
}

#[test]
fn a_declined_wish_has_a_reason_and_may_be_made_again() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    server.publisher("Acme").publish(&shop()).accepted();
    let as_user = |role: Role, arguments: &[&str]| {
        let token = match role {
            Role::Admin => server.data().administrator_token(),
            role => server.data().token(role, &["admin"]),
        };
        emdash(&[&["plugin"], arguments, &["--url", server.base(), "--token", &token, "--json"]].concat())
    };
    let made = as_user(Role::Editor, &["request", "shop", "--note", "Please."]).done();
    let id = made["item"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(as_user(Role::Editor, &["requests"]).done()["items"][0]["note"], "Please.");
    assert_eq!(as_user(Role::Editor, &["decline", &id]).json()["error"]["code"], "FORBIDDEN");
    let declined = as_user(Role::Admin, &["decline", &id, "--reason", "Not before June."]).done();
    assert_eq!(declined["item"]["reason"], "Not before June.");
    let again = as_user(Role::Editor, &["request", "shop"]).done();
    let id = again["item"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(as_user(Role::Admin, &["grant", &id]).json()["error"]["code"], "CONSENT_REQUIRED");
    assert_eq!(as_user(Role::Admin, &["grant", &id, "--yes"]).done()["installed"]["version"], "1.0.0");
}
