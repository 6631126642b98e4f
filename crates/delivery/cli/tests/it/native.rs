//! A native plugin from its folder through the marketplace onto a site (C36).

use std::fs;
use std::path::Path;

use emdash_testkit::{ChildServer, Serving, TestData, eventually};
use serde_json::{Value, json};

use crate::support::{POSTS, binary, emdash};
use crate::walk::install_folder_over_http;

const ROUTES: &str = "/_emdash/api/plugins/seo-score";

/// The example's folder as its author has it: manifest and component.
fn folder(server: &ChildServer) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = server.data().path().join("seo-score");
    fs::create_dir_all(&folder).expect("a folder");
    for (from, to) in [
        ("sdk/rust/examples/seo-score/plugin.json", "plugin.json"),
        ("fixtures/native/seo-score.wasm", "plugin.wasm"),
    ] {
        fs::copy(root.join(from), folder.join(to)).expect("the example is there");
    }
    folder.display().to_string()
}

fn body(text: &str) -> Value {
    json!([{"_type": "block", "_key": "k", "style": "normal", "markDefs": [],
        "children": [{"_type": "span", "_key": "s", "marks": [], "text": text}]}])
}

#[test]
fn a_native_plugin_answers_hooks_and_routes_of_a_site() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    install_folder_over_http(&server, &folder(&server), "seo-score");

    let admin = server.administrator();
    let text = "Gardening for beginners, and what gardening teaches about patience. ".repeat(20);
    let post = json!({"data": {"title": "Gardening at home", "content": body(&text)}});
    let saved = admin.post(POSTS, &post).data()["item"].take();
    let excerpt = saved["data"]["excerpt"].as_str().unwrap_or_default();
    assert!(excerpt.starts_with("Gardening for beginners, and what"), "{saved}");

    let id = saved["id"].as_str().expect("an id");
    let score = eventually("the entry has a score", || {
        let answer = server.anonymous().get(&format!("{ROUTES}/score?id={id}"));
        (answer.status == 200).then(|| answer.data())
    });
    assert_eq!(score["words"], 180, "{score}");
    assert_eq!(score["score"], 100, "{score}");
    server.anonymous().get(&format!("{ROUTES}/score?id=nobody")).refused(404, "NOT_FOUND");

    let said =
        admin.post(&format!("{ROUTES}/analyse"), &json!({"title": "Short", "content": "Few words"})).data();
    assert_eq!((&said["words"], &said["score"]), (&json!(2), &json!(0)), "{said}");
    let unsigned = server.anonymous().post(&format!("{ROUTES}/analyse"), &json!({}));
    assert_eq!(unsigned.status, 401, "{unsigned}");
    let log = admin.get("/_emdash/api/admin/plugins/seo-score/log").data();
    let mut lines = log["items"].as_array().into_iter().flatten();
    assert!(lines.any(|line| line["message"] == "Scored an entry"), "{log}");
}

#[test]
fn a_bundle_says_what_is_wrong_with_a_component() {
    let data = TestData::empty();
    let folder = data.path().join("wrong");
    fs::create_dir_all(&folder).expect("a folder");
    let manifest = json!({"name": "Wrong", "version": "1.0.0", "api_version": "1", "hooks": {},
        "runtime": {"wasm": "plugin.wasm"}, "sandbox": {}});
    fs::write(folder.join("plugin.json"), manifest.to_string()).expect("a file");
    let bundle = || {
        let outcome = emdash(&["plugin", "bundle", &folder.display().to_string(), "--json"]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        let error = outcome.json()["error"].take();
        (error["code"].clone(), error["message"].as_str().unwrap_or_default().to_owned())
    };
    let (code, message) = bundle();
    assert!(code == "INVALID_BUNDLE" && message.contains("plugin.wasm"), "{message}");
    fs::write(folder.join("plugin.wasm"), b"not wasm").expect("a file");
    let (code, message) = bundle();
    assert!(code == "INVALID_BUNDLE" && message.contains("it is no Wasm file"), "{message}");
    fs::write(folder.join("plugin.wasm"), b"\0asm\x01\0\0\0").expect("a file");
    let (code, message) = bundle();
    assert!(code == "PLUGIN_START_FAILED" && message.contains("does not fit the world"), "{message}");
}
