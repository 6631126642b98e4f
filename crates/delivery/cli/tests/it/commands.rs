//! The command line as scripts use it.

use emdash_testkit::{ChildServer, Serving, TestData};
use serde_json::Value;

use crate::support::{binary, emdash, export, path, published_plugin};

#[test]
fn init_makes_a_site_whose_token_works_and_refuses_to_do_so_twice() {
    let data = TestData::empty();
    let init = ["init", "--title", "Mine", "--email", "me@example.com", "--data", path(&data), "--json"];
    let made = emdash(&init).done();
    let token = made["token"].as_str().expect("a token");
    assert!(token.starts_with("ec_pat_"), "{made}");

    let second = emdash(&init);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert_eq!(second.json()["error"]["code"], "SETUP_COMPLETE");

    let server = ChildServer::start(binary(), data, &[]);
    assert_eq!(server.announced()["setup"], Value::Null);
    let me = server.anonymous().bearer(token).get("/_emdash/api/auth/me").data();
    assert_eq!(me["email"], "me@example.com");
    assert!(server.anonymous().get("/").accepted().text().contains("Mine"));
}

#[test]
fn wrong_usage_ends_with_2_and_a_refusal_with_1() {
    let data = TestData::empty();
    let nowhere = path(&data);
    for wrong in [
        &["flourish"][..],
        &["init"],
        &["serve", "--role", "emperor"],
        &["serve", "--listen", "nowhere"],
        &["plugin", "list", "--token", "x"],
    ] {
        let outcome = emdash(wrong);
        assert_eq!(outcome.code, Some(2), "{wrong:?}: {outcome:?}");
    }
    for refused in [
        &["init", "--title", "", "--email", "a@example.com", "--data", nowhere][..],
        &["init", "--title", "x", "--email", "nobody", "--data", nowhere],
        &["doctor", "--data", nowhere],
        &["import", "wordpress", "/nonexistent.xml", "--data", nowhere],
        &["plugin", "bundle", "/nonexistent"],
        &["token", "create", "--email", "nobody@example.com", "--data", nowhere],
    ] {
        let outcome = emdash(refused);
        assert_eq!(outcome.code, Some(1), "{refused:?}: {outcome:?}");
        let said = outcome.stderr.starts_with("error: ") || outcome.stdout.contains("mend: ");
        assert!(said, "{refused:?}: {outcome:?}");
        let json = emdash(&[refused, &["--json"]].concat());
        assert_eq!(json.code, Some(1), "{refused:?}: {json:?}");
        assert!(json.json()["error"]["message"].is_string() || json.json()["healthy"] == false, "{json:?}");
    }
}

#[test]
fn every_command_explains_itself() {
    for command in [
        &["init"][..],
        &["serve"],
        &["doctor"],
        &["import", "wordpress"],
        &["plugin", "bundle"],
        &["plugin", "publish"],
        &["plugin", "install"],
        &["publisher", "add"],
        &["token", "create"],
    ] {
        let help = emdash(&[command, &["--help"]].concat());
        assert_eq!(help.code, Some(0), "{command:?}");
        assert!(help.stdout.contains("Example"), "{command:?} has no example: {}", help.stdout);
    }
}

#[test]
fn every_command_that_succeeds_prints_json_when_asked() {
    let data = TestData::with_site();
    let home = path(&data);
    let bundle = data.path().join("audit-log.tar.gz").display().to_string();
    for command in [
        &["doctor", "--data", home][..],
        &["import", "wordpress", &export(), "--data", home],
        &["publisher", "add", "--name", "Acme", "--email", "dev@acme.example", "--data", home],
        &["token", "create", "--email", "admin@example.com", "--data", home],
        &["plugin", "list", "--data", home],
        &["plugin", "bundle", &published_plugin("plugin-audit-log"), "--out", &bundle],
    ] {
        let json = emdash(&[command, &["--json"]].concat()).done();
        assert!(json.is_object(), "{command:?}: {json}");
    }
}

#[test]
fn a_directory_is_worked_on_by_one_server_at_a_time() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    let home = path(server.data());
    let second = emdash(&["serve", "--listen", "127.0.0.1:0", "--data", home, "--json"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    let error = second.json()["error"].take();
    assert_eq!(error["code"], "DATABASE_IN_USE", "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("--url")), "{error}");
    let doctor = emdash(&["doctor", "--data", home, "--json"]).done();
    assert_eq!(doctor["healthy"], true, "{doctor}");
}

#[test]
fn plugins_of_a_stopped_server_are_managed_in_its_directory() {
    let market = ChildServer::start(binary(), TestData::with_site(), &[]);
    crate::walk::install_over_http(&market, "plugin-audit-log", "audit-log");
    let site = TestData::with_site();
    let home = path(&site);
    let from = ["--data", home, "--marketplace", market.base(), "--json"];
    let installed = emdash(&[&["plugin", "install", "audit-log@0.2.0", "--yes"], &from[..]].concat()).done();
    assert_eq!(installed["version"], "0.2.0", "{installed}");
    let status = |outcome: Value| outcome["item"]["status"].clone();
    assert_eq!(
        status(emdash(&["plugin", "disable", "audit-log", "--data", home, "--json"]).done()),
        "inactive"
    );
    assert_eq!(status(emdash(&["plugin", "enable", "audit-log", "--data", home, "--json"]).done()), "active");
    let removed =
        emdash(&["plugin", "uninstall", "audit-log", "--delete-data", "--data", home, "--json"]).done();
    assert_eq!(removed["dataDeleted"], true, "{removed}");
}
