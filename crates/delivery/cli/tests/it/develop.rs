//! `emdash plugin dev`: what is in the folder runs in the site, and what fails does not (C35).

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use emdash_testkit::{ChildServer, Serving, TestData, command};
use serde_json::{Value, json};

use crate::support::binary;

/// The command at work, and what it says.
struct Dev {
    child: Child,
    events: Receiver<Value>,
}

impl Dev {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command(binary())
            .args(["plugin", "dev", "--json"])
            .arg(folder)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (tell, events) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).expect("it says JSON");
                if tell.send(event).is_err() {
                    return;
                }
            }
        });
        Self { child, events }
    }

    /// The next event of a kind; others before it are passed over.
    #[track_caller]
    fn next(&self, kind: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(Duration::from_secs(30)).expect("it goes on");
            if event["event"] == kind {
                return event;
            }
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &Path, answer: &str) {
    let manifest = json!({"id": "sketch", "version": "0.1.0", "capabilities": [], "allowedHosts": [], "storage": {},
        "hooks": [], "routes": ["say"], "admin": {}});
    fs::write(folder.join("manifest.json"), manifest.to_string()).expect("it can be written");
    let code = format!("export default {{\n  routes: {{\n    say: (_, ctx) => {answer},\n  }},\n}};\n");
    fs::write(folder.join("backend.js"), code).expect("it can be written");
}

#[test]
fn a_folder_runs_as_it_is_and_a_broken_one_leaves_what_ran_before() {
    let server = ChildServer::start(binary(), TestData::with_site(), &["--dev"]);
    let admin = server.administrator();
    let folder = tempfile_in(server.data());
    write(&folder, "'one'");
    let token = server.data().administrator_token();
    let dev = Dev::start(&folder, &["--url", server.base(), "--token", &token]);
    assert_eq!(dev.next("loaded")["routes"], json!(["say"]));
    let say = || admin.get("/_emdash/api/plugins/sketch/say");
    assert_eq!(say().data(), "one");

    write(&folder, "{ ctx.log.info('said', { times: 2 }); return 'two'; }");
    dev.next("loaded");
    assert_eq!(say().data(), "two");
    let line = dev.next("log");
    assert_eq!(
        (&line["during"], &line["message"], &line["data"]),
        (&json!("route say"), &json!("said"), &json!({"times": 2}))
    );

    write(&folder, "('three'");
    let failed = dev.next("failed");
    assert!(failed["message"].as_str().is_some_and(|message| message.contains("backend.js:4:")), "{failed}");
    assert_eq!(say().data(), "two", "the last one that worked goes on");

    write(&folder, "ctx.nothing.here");
    dev.next("loaded");
    say().refused(400, "ROUTE_ERROR");
    let line = loop {
        let line = dev.next("log");
        if line["level"] == "error" {
            break line;
        }
    };
    assert!(line["data"]["stack"].as_str().is_some_and(|stack| stack.contains("backend.js:3:")), "{line}");
}

#[test]
fn a_server_that_is_not_for_development_loads_nothing_of_the_kind() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    let folder = tempfile_in(server.data());
    write(&folder, "'one'");
    let token = server.data().administrator_token();
    let dev = Dev::start(&folder, &["--url", server.base(), "--token", &token]);
    let failed = dev.next("failed");
    assert_eq!(failed["code"], "FORBIDDEN");
    assert!(failed["hint"].as_str().is_some_and(|hint| hint.contains("--dev")), "{failed}");
}

#[test]
fn a_data_directory_gets_a_server_of_its_own() {
    let data = TestData::with_site();
    let folder = tempfile_in(&data);
    write(&folder, "'here'");
    let home = data.path().to_str().expect("a plain name").to_owned();
    let dev = Dev::start(&folder, &["--data", &home, "--listen", "127.0.0.1:0"]);
    let url = dev.next("serving")["url"].as_str().expect("an address").to_owned();
    dev.next("loaded");
    let admin = emdash_testkit::Client::anonymous(&url).bearer(&data.administrator_token());
    assert_eq!(admin.get("/_emdash/api/plugins/sketch/say").data(), "here");
}

/// A folder for the plugin, beside the site and removed with it.
fn tempfile_in(data: &TestData) -> std::path::PathBuf {
    let folder = data.path().join("plugin-in-the-making");
    fs::create_dir(&folder).expect("it can be made");
    folder
}
