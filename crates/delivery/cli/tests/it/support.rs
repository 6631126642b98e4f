//! Running the binary, and what several tests begin with.

use std::path::{Path, PathBuf};

use emdash_testkit::{Client, TestData, command};
use serde_json::{Value, json};

/// The binary under test.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_emdash"))
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// What `--json` printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|fault| panic!("no JSON ({fault}): {self:?}"))
    }

    /// What a successful command printed.
    #[track_caller]
    pub fn done(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json()
    }
}

/// Runs `emdash` to its end.
pub fn emdash(arguments: &[&str]) -> Outcome {
    let output = command(binary()).args(arguments).output().expect("the binary can be started");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The data directory as an argument.
pub fn path(data: &TestData) -> &str {
    data.path().to_str().expect("temporary directories have plain names")
}

/// A file of `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures").join(name)
}

/// The real WordPress export.
pub fn export() -> String {
    fixture("import/themeunittestdata.wordpress.xml").display().to_string()
}

/// The folder of a published plugin.
#[track_caller]
pub fn published_plugin(name: &str) -> String {
    let folder = fixture("npm/node_modules/@emdash-cms").join(name);
    assert!(
        folder.is_dir(),
        "the published plugins are not installed: run `cargo xtask test`, or `npm ci` in fixtures/npm"
    );
    folder.display().to_string()
}

pub const POSTS: &str = "/_emdash/api/content/posts";

/// A new post with this title; answers its id.
#[track_caller]
pub fn draft(client: &Client, title: &str) -> String {
    let item = client.post(POSTS, &json!({"data": {"title": title}})).data();
    item["item"]["id"].as_str().expect("an item has an id").to_owned()
}

/// A new post, published; answers its id.
#[track_caller]
pub fn published(client: &Client, title: &str) -> String {
    let id = draft(client, title);
    client.act(&format!("{POSTS}/{id}/publish")).accepted();
    id
}

/// What an administrator sees of a plugin.
#[track_caller]
pub fn plugin_info(client: &Client, id: &str) -> Value {
    client.get(&format!("/_emdash/api/admin/plugins/{id}")).data()["item"].take()
}
