//! A plugin with a database of its own, from its folder to an answer over HTTP.

use emdash_testkit::{Client, Serving, TestServer};
use serde_json::{Value, json};

use crate::support::{draft, emdash, fixture, plugin_info};

const ROUTES: &str = "/_emdash/api/plugins/guestbook";

/// A server with the guestbook, bundled by the command line and installed through the marketplace.
fn guestbook() -> (TestServer, Client) {
    let server = TestServer::start();
    let administrator = server.administrator();
    let out = server.data().path().join("guestbook.tar.gz");
    let folder = fixture("plugins/guestbook").display().to_string();
    let packed = emdash(&["plugin", "bundle", &folder, "--out", &out.display().to_string(), "--json"]).done();
    assert_eq!(packed["id"], "guestbook");
    let publisher = server.publisher("Acme");
    publisher.publish_bytes("guestbook", &std::fs::read(&out).expect("the bundle was written")).accepted();
    let install = "/_emdash/api/admin/plugins/marketplace/guestbook/install";
    administrator.post(install, &json!({"confirm": true})).accepted();
    (server, administrator)
}

fn call(client: &Client, route: &str, input: &Value) -> emdash_testkit::Answer {
    client.post(&format!("{ROUTES}/{route}"), input)
}

#[test]
fn migrations_run_at_installation_and_statements_answer_over_http() {
    let (server, administrator) = guestbook();
    let visitor = server.anonymous();
    let first =
        call(&visitor, "sign", &json!({"name": "Ada", "words": "Nice'; DROP TABLE entries; --"})).data();
    assert_eq!(first, json!({"id": 1}));
    let many = json!({"entries": [{"name": "B", "words": "x"}, {"name": "C", "words": "y"}]});
    assert_eq!(call(&administrator, "import", &many).data(), json!({"imported": 2}));

    let half = json!({"entries": [{"name": "D", "words": "z"}, {"name": "B", "words": "x"}]});
    let refused = call(&administrator, "import", &half);
    assert!(refused.status >= 400, "{refused}");
    assert!(refused.text().contains("UNIQUE constraint failed"), "{refused}");

    let found = visitor.get(&format!("{ROUTES}/entries")).data();
    assert_eq!(found["total"], 3, "a batch is all or none: {found}");
    assert_eq!(
        found["entries"][2],
        json!({"id": 1, "name": "Ada", "words": "Nice'; DROP TABLE entries; --", "hearts": 0})
    );
    let info = plugin_info(&administrator, "guestbook");
    assert_eq!(info["database"]["name"], "d1:guestbook", "{info}");
    assert_eq!(info["database"]["migrations"][1]["name"], "0002_hearts.sql", "{info}");
    server.stop();
}

#[test]
fn views_of_the_core_follow_what_is_saved() {
    let (server, administrator) = guestbook();
    assert_eq!(call(&administrator, "titles", &json!({})).data(), json!([]));
    let id = draft(&administrator, "Guests of honour");
    draft(&administrator, "Other");
    let found = call(&administrator, "titles", &json!({})).data();
    assert_eq!(found, json!([{"title": "Guests of honour", "status": "draft"}]));
    administrator.delete(&format!("{}/{id}", crate::support::POSTS)).accepted();
    assert_eq!(call(&administrator, "titles", &json!({})).data(), json!([]));
    server.stop();
}

#[test]
fn data_survives_switching_off_and_on() {
    let (server, administrator) = guestbook();
    call(&administrator, "sign", &json!({"name": "Ada", "words": "Hello"})).accepted();
    for action in ["disable", "enable"] {
        administrator.act(&format!("/_emdash/api/admin/plugins/guestbook/{action}")).accepted();
    }
    assert_eq!(administrator.get(&format!("{ROUTES}/entries")).data()["total"], 1);
    server.stop();
}
