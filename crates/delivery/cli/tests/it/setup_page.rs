//! The link that makes the administrator.

use emdash_testkit::{Answer, Client, Method, Options, Serving, TestData, TestServer};
use serde_json::json;

fn fresh() -> (TestServer, String) {
    let server = TestServer::start_with(TestData::empty(), Options::default());
    let link = server.started().setup_url.clone().expect("a site without administrator has a link");
    let path = link.strip_prefix(server.base()).expect("it leads to this server").to_owned();
    (server, path)
}

fn submit(client: &Client, path: &str, email: &str) -> Answer {
    let form = format!("email={}&name=Owner", email.replace('@', "%40"));
    client.send_bytes(Method::POST, path, "application/x-www-form-urlencoded", form.into_bytes())
}

/// A server whose administrator was made with the link, and their session cookie.
pub fn set_up() -> (TestServer, String) {
    let (server, path) = fresh();
    let done = submit(&server.anonymous(), &path, "owner@example.com").accepted();
    let cookie = done.header("set-cookie");
    let pair = cookie.split(';').next().unwrap_or_default().to_owned();
    (server, pair)
}

#[test]
fn the_link_makes_the_administrator_once() {
    let (server, path) = fresh();
    let visitor = server.anonymous();
    let status = || visitor.get("/_emdash/api/setup/status").data();
    assert_eq!(status(), json!({"needsSetup": true, "step": "admin"}));
    assert!(visitor.get(&path).accepted().text().contains("<form"));

    let refused = submit(&visitor, &path, "nobody");
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("must be an e-mail address"), "{refused}");

    let done = submit(&visitor, &path, "Owner@Example.com").accepted();
    let cookie = done.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let page = done.text();
    let start = page.find("ec_pat_").expect("the page shows a token");
    let token: String =
        page[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let me = visitor.bearer(&token).get("/_emdash/api/auth/me").data();
    assert_eq!((me["email"].as_str(), me["role"].as_u64()), (Some("owner@example.com"), Some(50)));

    assert_eq!(status(), json!({"needsSetup": false}));
    assert_eq!(visitor.get(&path).status, 404);
    assert_eq!(submit(&visitor, &path, "second@example.com").status, 404);
}

#[test]
fn a_wrong_link_leads_nowhere_and_an_old_one_stops_working() {
    let (server, old) = fresh();
    let wrong = "/_emdash/admin/setup/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(server.anonymous().get(wrong).status, 404);
    assert_eq!(submit(&server.anonymous(), wrong, "x@example.com").status, 404);
    let server = server.restart();
    assert_eq!(server.anonymous().get(&old).status, 404);
    assert_eq!(server.anonymous().get("/_emdash/api/setup/status").data()["needsSetup"], true);
}

#[test]
fn a_site_with_an_administrator_prints_no_link() {
    assert_eq!(TestServer::start().started().setup_url, None);
}
