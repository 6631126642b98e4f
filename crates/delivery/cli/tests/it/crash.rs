//! A power cut at any moment loses nothing that was answered and breaks nothing.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use emdash_testkit::{ChildServer, Method, Serving, TestData, command, eventually};
use serde_json::{Value, json};

use crate::support::{POSTS, binary, emdash, export, path};

#[track_caller]
fn assert_healthy(data: &TestData) {
    let diagnosis = emdash(&["doctor", "--data", path(data), "--json"]).done();
    assert_eq!(diagnosis["healthy"], true, "{diagnosis}");
}

/// Everything there is in the collections, as the administrator lists it.
fn everything(server: &ChildServer) -> Vec<Value> {
    let admin = server.administrator();
    let mut found = Vec::new();
    for collection in ["posts", "pages"] {
        let mut cursor = String::new();
        loop {
            let page =
                admin.get(&format!("/_emdash/api/content/{collection}?limit=100&cursor={cursor}")).data();
            found.extend(page["items"].as_array().expect("a list").iter().cloned());
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = next.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F");
        }
    }
    found
}

fn identity(item: &Value) -> String {
    format!("{} {} {}", item["type"], item["slug"], item["data"]["title"])
}

/// What an import gives that nothing interrupts.
fn undisturbed() -> Vec<String> {
    let data = TestData::with_site();
    emdash(&["import", "wordpress", &export(), "--data", path(&data), "--json"]).done();
    sorted(&everything(&ChildServer::start(binary(), data, &[])))
}

fn sorted(items: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = items.iter().map(identity).collect();
    names.sort();
    names
}

#[test]
fn an_import_that_was_killed_is_run_again_without_gap_or_duplicate() {
    let wanted = undisturbed();
    let mut server = ChildServer::start(binary(), TestData::with_site(), &[]);
    // Killed before the first entries are there, as soon as they are, and about when the last are.
    for entries in [0, 1, wanted.len()] {
        let mut import = command(binary());
        import.args(["import", "wordpress", &export(), "--data", path(server.data())]);
        let mut import =
            import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be started");
        let admin = server.administrator();
        eventually("entries arrive", || {
            let count = |name: &str| {
                admin.get(&format!("/_emdash/api/content/{name}?limit=1")).data()["total"].as_u64()
            };
            let there = count("posts").unwrap_or(0) + count("pages").unwrap_or(0);
            (there as usize >= entries || import.try_wait().is_ok_and(|ended| ended.is_some())).then_some(())
        });
        import.kill().expect("it can be killed");
        import.wait().expect("it ends");
        let data = server.kill();
        assert_healthy(&data);
        server = ChildServer::start(binary(), data, &[]);
    }
    let report = emdash(&["import", "wordpress", &export(), "--data", path(server.data()), "--json"]).done();
    assert_eq!(report["totals"]["items"]["post"].get("failed"), None, "{}", report["totals"]);
    assert_eq!(sorted(&everything(&server)), wanted);
    let again = emdash(&["import", "wordpress", &export(), "--data", path(server.data()), "--json"]).done();
    assert_eq!(again["totals"]["items"]["post"].get("imported"), None, "{}", again["totals"]);
    assert_healthy(server.data());
}

#[test]
fn every_save_that_was_answered_survives_a_kill() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    let (answered, tried) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (admin, answered, tried) =
                (server.administrator(), Arc::clone(&answered), Arc::clone(&tried));
            thread::spawn(move || {
                for number in 0.. {
                    tried.fetch_add(1, Ordering::Relaxed);
                    let body = json!({"data": {"title": format!("Save {writer} {number}")}}).to_string();
                    match admin.try_send(Method::POST, POSTS, "application/json", body.into_bytes()) {
                        Ok(answer) if answer.status == 201 => {
                            let id = answer.data()["item"]["id"].as_str().expect("an id").to_owned();
                            answered.lock().expect("nobody panicked").push(id);
                        }
                        Ok(answer) => panic!("a save was refused: {answer}"),
                        Err(_) => return,
                    }
                }
            })
        })
        .collect();
    eventually("saves stream in", || (answered.lock().ok()?.len() >= 50).then_some(()));
    let data = server.kill();
    for writer in writers {
        writer.join().expect("a writer ends when the server is gone");
    }
    assert_healthy(&data);
    let server = ChildServer::start(binary(), data, &[]);
    let stored = everything(&server);
    let answered = answered.lock().expect("nobody panicked");
    for id in answered.iter() {
        assert!(stored.iter().any(|item| item["id"] == *id), "{id} was answered and is lost");
    }
    assert!(stored.len() <= tried.load(Ordering::Relaxed), "nothing is there twice");
    for item in &stored {
        assert!(item["data"]["title"].as_str().is_some_and(|title| title.starts_with("Save ")), "{item}");
    }
}
