//! The main job on real input: a WordPress export and a published plugin.

use emdash_testkit::{ChildServer, Client, Serving, TestData, eventually};
use serde_json::{Value, json};

use crate::support::{POSTS, binary, emdash, export, path, published_plugin};

#[test]
fn an_export_becomes_a_site_and_a_published_plugin_records_what_is_saved_on_it() {
    let data = TestData::empty();
    let init = ["init", "--json", "--title", "Walk", "--email", "owner@example.com", "--data", path(&data)];
    let token = emdash(&init).done()["token"].as_str().expect("a token").to_owned();
    data.know_administrator(&token);
    let server = ChildServer::start(binary(), data, &[]);
    let home = path(server.data());

    let imported = emdash(&["import", "wordpress", &export(), "--data", home, "--json"]).done();
    assert!(imported["totals"]["items"]["post"]["imported"].as_u64() > Some(30), "{}", imported["totals"]);
    assert_eq!(imported["totals"]["items"]["post"].get("failed"), None, "{}", imported["totals"]);
    // The running server notices what another process wrote.
    eventually("an imported post is on the site", || {
        let page = server.anonymous().get("/posts/template-sticky");
        (page.status == 200 && page.text().contains("Template: Sticky")).then_some(())
    });

    install_over_http(&server, "plugin-audit-log", "audit-log");

    let admin = server.administrator();
    let created = admin.post(POSTS, &json!({"data": {"title": "Before the light"}})).data();
    let id = created["item"]["id"].as_str().expect("an id").to_owned();
    // The plugin keys its records by millisecond and entry: two within one would be one record.
    audit_entry(&admin, "/api/plugins", "create", &id);
    let update = json!({"data": {"title": "First light"}, "_rev": created["_rev"]});
    admin.put(&format!("{POSTS}/{id}"), &update).accepted();
    let post = admin.act(&format!("{POSTS}/{id}/publish")).data();
    assert_eq!(post["item"]["status"], "published");

    let place = format!("/posts/{}", post["item"]["slug"].as_str().expect("a slug"));
    let page = server.anonymous().get(&place).accepted();
    assert!(page.text().contains("First light"), "{page}");
    assert!(sitemap(&server.anonymous()).iter().any(|known| known.ends_with(&place)), "{place}");
    assert!(server.anonymous().get("/feed.xml").text().contains("First light"));

    for prefix in ["/_emdash/api/plugins", "/api/plugins"] {
        let update = audit_entry(&admin, prefix, "update", &id);
        assert_eq!(update["changes"]["before"]["data"]["title"], "Before the light", "{update}");
        assert_eq!(update["changes"]["after"]["title"], "First light", "{update}");
        let create = audit_entry(&admin, prefix, "create", &id);
        assert_eq!(create["changes"].get("before"), None, "{create}");
    }
}

/// Bundles a published plugin, publishes it on the server as a publisher, and installs it from there.
#[track_caller]
pub fn install_over_http(server: &ChildServer, package: &str, id: &str) {
    install_folder_over_http(server, &published_plugin(package), id);
}

/// The same for a plugin's folder.
#[track_caller]
pub fn install_folder_over_http(server: &ChildServer, folder: &str, id: &str) {
    let (home, base) = (path(server.data()), server.base());
    let bundle = server.data().path().join(format!("{id}.tar.gz")).display().to_string();
    let bundled = emdash(&["plugin", "bundle", folder, "--out", &bundle, "--json"]).done();
    let publisher = ["publisher", "add", "--name", "Acme", "--email", "dev@acme.example", "--json"];
    let publisher = emdash(&[&publisher[..], &["--data", home]].concat()).done();
    let token = publisher["token"].as_str().expect("a token");
    let publish = ["plugin", "publish", &bundle, "--marketplace", base, "--token", token, "--json"];
    let published = emdash(&publish).done();
    assert_eq!(published["status"], "published", "{published}");
    assert_eq!(published["checksum"], bundled["checksum"], "{published}");
    let token = server.data().administrator_token();
    let over_http = ["--url", base, "--token", &token, "--json"];
    let refused = emdash(&[&["plugin", "install", id], &over_http[..]].concat());
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(refused.json()["error"]["code"], "CONSENT_REQUIRED");
    let installed = emdash(&[&["plugin", "install", id, "--yes"], &over_http[..]].concat()).done();
    assert_eq!(installed["pluginId"], id, "{installed}");
    let list = emdash(&[&["plugin", "list"], &over_http[..]].concat()).done();
    assert_eq!(list["items"][0]["status"], "active", "{list}");
}

/// Records are written after the answer to the save.
fn audit_entry(admin: &Client, prefix: &str, action: &str, id: &str) -> Value {
    eventually("the audit log has the record", || {
        let entries = admin.get(&format!("{prefix}/audit-log/recent")).data()["entries"].take();
        let found = entries.as_array().expect("entries are a list").iter().find(|entry| {
            entry["action"] == action && entry["resourceId"] == id && entry["changes"]["after"] != Value::Null
        });
        found.cloned()
    })
}

/// Every address in the sitemap, by way of its index.
fn sitemap(client: &Client) -> Vec<String> {
    let index = locations(&client.get("/sitemap.xml").accepted().text());
    let paths = index.iter().filter_map(|url| url.rsplit_once('/'));
    paths.flat_map(|(_, file)| locations(&client.get(&format!("/{file}")).accepted().text())).collect()
}

fn locations(xml: &str) -> Vec<String> {
    let parts = xml.split("<loc>").skip(1).filter_map(|rest| rest.split_once("</loc>"));
    parts.map(|(location, _)| location.to_owned()).collect()
}
