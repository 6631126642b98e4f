//! The public site as readers, feeds and search engines get it.

use emdash_testkit::{Plugin, Serving, TestServer};
use http::header::IF_NONE_MATCH;
use serde_json::json;

use crate::support::{POSTS, draft, published};

#[test]
fn a_post_is_public_from_its_publication_to_its_end() {
    let server = TestServer::start();
    let (admin, reader) = (server.administrator(), server.anonymous());
    let id = draft(&admin, "Come and go");
    let page = || reader.get("/posts/come-and-go");
    assert_eq!(page().status, 404, "a draft is nobody's business");
    admin.act(&format!("{POSTS}/{id}/publish")).accepted();
    assert!(page().accepted().text().contains("Come and go"));
    assert!(reader.get("/").text().contains("Come and go"));
    admin.put(&format!("{POSTS}/{id}"), &json!({"data": {"title": "Changed"}})).accepted();
    assert!(page().text().contains("Come and go"), "a staged change is not public");
    admin.act(&format!("{POSTS}/{id}/publish")).accepted();
    assert!(page().text().contains("Changed"));
    admin.delete(&format!("{POSTS}/{id}")).accepted();
    assert_eq!(page().status, 404);
    assert!(!reader.get("/").text().contains("Changed"));
}

#[test]
fn a_page_that_did_not_change_is_not_sent_again() {
    let server = TestServer::start();
    published(&server.administrator(), "Same");
    let first = server.anonymous().get("/posts/same").accepted();
    let etag = first.header("etag");
    let again = server.anonymous().with_header(IF_NONE_MATCH, &etag).get("/posts/same");
    assert_eq!((again.status, again.body.len()), (304, 0));
    published(&server.administrator(), "Another");
    let home = server.anonymous().get("/");
    assert!(home.text().contains("Another"), "the kept page is dropped when content changes");
}

#[test]
fn markup_in_a_title_stays_text_everywhere() {
    let server = TestServer::start();
    published(&server.administrator(), "<script>alert(1)</script> & \"more\"");
    for path in ["/", "/feed.xml", "/atom.xml", "/search?q=alert", "/posts/scriptalert1script-more"] {
        let page = server.anonymous().get(path).text();
        assert!(!page.contains("<script>alert"), "{path}");
    }
}

#[test]
fn a_plugin_adds_to_the_head_of_a_page_and_cannot_break_out_of_it() {
    let server = TestServer::start();
    published(&server.administrator(), "With metadata");
    let code = r#"export default { hooks: {
        "page:metadata": async (event) => [
            { kind: "meta", name: "x-kind", content: `${event.page.kind} "><script>alert(1)</script>` },
            { kind: "property", property: "og:title", content: "From the plugin" },
            { kind: "link", rel: "stylesheet", href: "https://evil.example/x.css" },
        ],
    } };"#;
    server.install(&Plugin::new("head", code).hooks(&["page:metadata"]));
    let page = server.anonymous().get("/posts/with-metadata").accepted().text();
    let head = page.split("</head>").next().expect("a head");
    assert!(head.contains(r#"<meta name="x-kind" content="content "#), "{head}");
    assert!(!page.contains("<script>alert(1)"), "{head}");
    assert!(!page.contains("evil.example"), "{head}");
    assert_eq!(head.matches("og:title").count(), 1, "the first contribution of a key wins: {head}");
    assert!(head.contains("From the plugin"), "{head}");
}
