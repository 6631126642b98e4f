//! What every request to the API has in common (CMS contract §1.1–§1.3, §1.7).

use emdash_testkit::{Client, Method, Serving, TestServer, shape};
use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE};
use insta::assert_json_snapshot;
use serde_json::json;

use crate::setup_page::set_up;
use crate::support::POSTS;

const CSRF: HeaderName = HeaderName::from_static("x-emdash-request");

#[test]
fn a_body_that_is_not_json_is_refused_with_its_place() {
    let server = TestServer::start();
    let body = b"{\"data\":\n  {\"title\": }}".to_vec();
    let answer = server.administrator().send_bytes(Method::POST, POSTS, "application/json", body);
    let error = answer.refused(400, "INVALID_JSON");
    assert_eq!(error["message"], "The body is not valid JSON (line 2, column 13).");
}

#[test]
fn a_body_over_ten_mebibytes_is_refused_and_nothing_stored() {
    let server = TestServer::start();
    let admin = server.administrator();
    let post = |length: usize| {
        let body = json!({"data": {"title": "x".repeat(length)}}).to_string().into_bytes();
        admin.send_bytes(Method::POST, POSTS, "application/json", body)
    };
    post(10 * 1024 * 1024).refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(admin.get(POSTS).data()["total"], 0);
    post(1024).accepted();
}

#[test]
fn an_unknown_path_of_the_api_is_a_refusal_in_json_and_of_the_site_a_page() {
    let server = TestServer::start();
    let error = server.anonymous().get("/_emdash/api/nothing").refused(404, "NOT_FOUND");
    assert_json_snapshot!(shape(error), @r#"
    {
      "code": "NOT_FOUND",
      "message": "There is nothing at /_emdash/api/nothing.",
      "doc": "docs/errors.md#not_found",
      "requestId": "[id]"
    }
    "#);
    let page = server.anonymous().get("/nothing");
    assert_eq!((page.status, page.header("content-type").as_str()), (404, "text/html; charset=utf-8"));
}

#[test]
fn every_answer_carries_a_request_id_and_the_headers_that_protect_readers() {
    let server = TestServer::start();
    for path in ["/", "/nothing", "/_emdash/api/content/posts", "/healthz", "/marketplace", "/api/v1/plugins"]
    {
        let answer = server.anonymous().get(path);
        assert_eq!(answer.header("x-request-id").len(), 26, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        let framed = answer.header("x-frame-options") + &answer.header("content-security-policy");
        assert!(framed.contains("SAMEORIGIN") || framed.contains("frame-ancestors"), "{path}");
    }
    let refused = server.anonymous().get(POSTS);
    assert_eq!(refused.json()["error"]["requestId"], refused.header("x-request-id"));
}

#[test]
fn credentials_that_do_not_hold_are_told_apart_from_none() {
    let server = TestServer::start();
    server.anonymous().get(POSTS).refused(401, "NOT_AUTHENTICATED");
    for bad in ["Bearer xyz", "Bearer ec_pat_unknown", "Basic eDp5", "Bearer"] {
        let answer = server.anonymous().with_header(AUTHORIZATION, bad).get(POSTS);
        let error = answer.refused(401, "INVALID_TOKEN");
        assert_eq!(error["message"], "Invalid or expired token", "{bad}");
    }
    server
        .anonymous()
        .with_header(COOKIE, "emdash_session=unknown")
        .get(POSTS)
        .refused(401, "NOT_AUTHENTICATED");
}

#[test]
fn a_browser_changes_something_only_with_the_header_no_other_site_can_send() {
    let (server, cookie) = set_up();
    let browser: Client = server.anonymous().with_header(COOKIE, &cookie);
    assert_eq!(browser.get("/_emdash/api/auth/me").data()["role"], 50);
    browser.post(POSTS, &json!({"data": {"title": "x"}})).refused(403, "CSRF_REJECTED");
    assert_eq!(browser.get(POSTS).data()["total"], 0);
    let script = browser.with_header(CSRF, "1");
    assert_eq!(script.post(POSTS, &json!({"data": {"title": "x"}})).status, 201);
}

#[test]
fn a_token_opens_what_its_scopes_name_and_no_more() {
    let server = TestServer::start();
    let admin = server.administrator();
    let made = admin
        .post("/_emdash/api/admin/api-tokens", &json!({"name": "Reader", "scopes": ["content:read"]}))
        .data();
    let token = made["token"].as_str().expect("the text is shown once");
    let reader = server.anonymous().bearer(token);
    reader.get(POSTS).accepted();
    reader.post(POSTS, &json!({"data": {"title": "x"}})).refused(403, "INSUFFICIENT_SCOPE");
    reader.get("/_emdash/api/auth/me").refused(403, "INSUFFICIENT_SCOPE");
    let listed = admin.get("/_emdash/api/admin/api-tokens").data();
    assert!(!listed.to_string().contains(token), "the text of a token is never shown again");
    let id = made["info"]["id"].as_str().expect("an id");
    admin.delete(&format!("/_emdash/api/admin/api-tokens/{id}")).accepted();
    reader.get(POSTS).refused(401, "INVALID_TOKEN");
}
