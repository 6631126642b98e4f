//! A published plugin that calls the world.

use emdash_testkit::{ChildServer, Client, Serving, TestData, WebhookListener, eventually, shape};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{POSTS, binary, draft};
use crate::walk::install_over_http;

const ROUTES: &str = "/_emdash/api/plugins/webhook-notifier";

fn with_notifier(listener: &WebhookListener) -> ChildServer {
    let host = format!("hooks.example.com={}", listener.address());
    let server = ChildServer::start(binary(), TestData::with_site(), &["--outbound-host", &host]);
    install_over_http(&server, "plugin-webhook-notifier", "webhook-notifier");
    server
}

fn notify(admin: &Client, url: &str) {
    let saved = admin.post(&format!("{ROUTES}/settings/save"), &json!({"webhookUrl": url})).data();
    assert_eq!(saved, json!({"success": true}));
    assert_eq!(admin.get(&format!("{ROUTES}/settings")).data()["webhookUrl"], url);
}

#[test]
fn a_save_is_announced_to_the_webhook_an_administrator_set() {
    let listener = WebhookListener::start();
    let server = with_notifier(&listener);
    let admin = server.administrator();
    notify(&admin, "http://hooks.example.com/saved");

    let id = draft(&admin, "Announce me");
    let received = listener.wait_for(1);
    assert_eq!(received[0].request_line, "POST /saved HTTP/1.1");
    assert_eq!(received[0].header("host"), "hooks.example.com");
    assert_eq!(received[0].header("x-emdash-event"), "content:create");
    assert_eq!(received[0].json()["resourceId"], id);
    assert_json_snapshot!(shape(received[0].json()), @r#"
    {
      "event": "content:create",
      "timestamp": "[time]",
      "collection": "posts",
      "resourceId": "[id]",
      "resourceType": "content",
      "metadata": {
        "slug": "announce-me",
        "status": "draft"
      }
    }
    "#);

    admin.put(&format!("{POSTS}/{id}"), &json!({"data": {"title": "Announce me again"}})).accepted();
    let received = listener.wait_for(2);
    assert_eq!(received[1].json()["event"], "content:update");
    admin.delete(&format!("{POSTS}/{id}")).accepted();
    assert_eq!(listener.wait_for(3)[2].json()["event"], "content:delete");
}

#[test]
fn a_webhook_at_an_address_of_the_operator_is_refused_and_on_record() {
    let listener = WebhookListener::start();
    let server = with_notifier(&listener);
    let admin = server.administrator();
    // The plugin's own check knows neither this spelling of 127.0.0.1 nor names that resolve to it.
    for url in ["http://internal.localhost/", "http://[::ffff:127.0.0.1]/"] {
        let tried = admin.post(&format!("{ROUTES}/test"), &json!({"url": url})).data();
        assert_eq!(tried["success"], json!(false), "{url}: {tried}");
        assert!(tried["error"].as_str().is_some_and(|text| text.contains("Blocked")), "{url}: {tried}");
    }
    let recorded = eventually("the refusals are on record", || {
        let items = admin.get("/_emdash/api/admin/plugins/violations").data()["items"].take();
        Some(items).filter(|items| items.as_array().is_some_and(|items| items.len() >= 2))
    });
    let codes: Vec<&Value> = recorded.as_array().expect("a list").iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, ["ADDRESS_BLOCKED", "ADDRESS_BLOCKED"]);
    assert!(listener.received().is_empty());
}
