//! The marketplace by itself, and a site that installs from it (B31).

use emdash_app::Role;
use emdash_testkit::{Options, Plugin, Serving, TestData, TestServer};
use serde_json::json;

use crate::support::plugin_info;

fn marketplace() -> TestServer {
    TestServer::start_with(TestData::empty(), Options { role: Role::Marketplace, ..Options::default() })
}

fn hello() -> Plugin {
    Plugin::new("hello", "export default { routes: { hello: () => 'hello' } };").routes(&["hello"])
}

#[test]
fn a_marketplace_alone_has_no_site() {
    let server = marketplace();
    let client = server.anonymous();
    assert_eq!(client.get("/api/v1/plugins").accepted().json(), json!({"items": []}));
    assert!(client.get("/marketplace").accepted().header("content-type").starts_with("text/html"));
    assert_eq!(client.get("/readyz").accepted().json()["checks"], json!({"database": "ok"}));
    for site in ["/", "/feed.xml", "/_emdash/api/content/posts", "/_emdash/api/setup/status"] {
        assert_eq!(client.get(site).status, 404, "{site}");
    }
    assert_eq!(server.started().site_url, None);
    assert_eq!(server.started().setup_url, None);
    assert!(!server.data().dir().has_site(), "no site was made");
}

#[test]
fn a_site_installs_from_a_marketplace_elsewhere() {
    let market = marketplace();
    market.publisher("Acme").publish(&hello()).accepted();
    let options =
        Options { role: Role::Site, marketplace: Some(market.base().to_owned()), ..Options::default() };
    let site = TestServer::start_with(TestData::with_site(), options);
    assert_eq!(site.anonymous().get("/api/v1/plugins").status, 404, "a site alone has no marketplace");
    let admin = site.administrator();
    admin.act("/_emdash/api/admin/plugins/marketplace/hello/install").accepted();
    assert_eq!(admin.get("/_emdash/api/plugins/hello/hello").data(), "hello");
    assert_eq!(plugin_info(&admin, "hello")["source"], "marketplace");
    admin.act("/_emdash/api/admin/plugins/marketplace/absent/install").refused(404, "NOT_FOUND");
}

#[test]
fn a_site_without_a_marketplace_says_so() {
    let site =
        TestServer::start_with(TestData::with_site(), Options { role: Role::Site, ..Options::default() });
    let install = site.administrator().act("/_emdash/api/admin/plugins/marketplace/hello/install");
    install.refused(503, "MARKETPLACE_NOT_CONFIGURED");
}

#[test]
fn an_id_belongs_to_whoever_published_it_first_and_versions_only_grow() {
    let market = marketplace();
    let (acme, rival) = (market.publisher("Acme"), market.publisher("Rival"));
    acme.publish(&hello()).accepted();
    assert_eq!(rival.publish(&hello().version("1.1.0")).status, 403);
    assert_eq!(acme.publish(&hello()).status, 409, "a version is published once");
    assert_eq!(acme.publish(&hello().version("0.9.0")).status, 409, "versions grow");
    acme.publish(&hello().version("1.1.0")).accepted();
    let versions = market.anonymous().get("/api/v1/plugins/hello/versions").json();
    let names: Vec<_> =
        versions["items"].as_array().expect("a list").iter().map(|item| &item["version"]).collect();
    assert_eq!(names, ["1.1.0", "1.0.0"]);
    assert_eq!(market.anonymous().post("/api/v1/plugins", &json!({"id": "x", "name": "X"})).status, 401);
}
