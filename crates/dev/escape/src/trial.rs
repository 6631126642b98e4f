//! Carries an attack out and judges what came of it.

use emdash_testkit::{Answer, Client, Method, Plugin, PluginCode, Serving, eventually};
use serde_json::{Map, Value, json};

use crate::site::{PLUGINS, POSTS, Site, post};
use crate::{Attack, Step};

const ATTACKER: &str = "attacker";

/// Carries an attack out on a site of its own.
///
/// # Panics
/// When anything but the stated comes of it.
pub fn carry_out(attack: &Attack) {
    let site = Site::start();
    let canary = site.canary.address().port().to_string();
    let code = match &attack.component {
        Some(_) => PluginCode::Component(attack.code.as_slice().into()),
        None => PluginCode::module(&String::from_utf8_lossy(&attack.code).replace("__CANARY__", &canary)),
    };
    let mut plugin = match attack.plugin_json {
        true => Plugin::from_plugin_json(json!({"id": ATTACKER, "version": "1.0.0"}), ""),
        false => Plugin::new(ATTACKER, ""),
    };
    plugin = plugin.running(code);
    for (key, value) in &attack.manifest {
        plugin = plugin.with(key, value.clone());
    }
    if let Some(words) = &attack.release_refused {
        refused_release(&site, &plugin, words);
    } else {
        site.publisher.publish(&plugin).accepted();
        site.install(ATTACKER).accepted();
        attack.steps.iter().for_each(|step| carry_out_step(&site, step));
        judge(&site, attack);
        site.administrator.act(&format!("{PLUGINS}/{ATTACKER}/disable")).accepted();
    }
    assert_eq!(site.canary.received().len(), 0, "requests reached this machine");
    site.neighbour_is_well();
    site.saves();
    site.server.anonymous().get("/readyz").accepted();
    site.server.stop();
}

/// The release is refused and leaves nothing behind.
fn refused_release(site: &Site, plugin: &Plugin, words: &str) {
    let answer = site.publisher.publish_bytes(ATTACKER, &plugin.bundle());
    tells_nothing(site, &answer);
    assert!(answer.text().contains(words), "refused for another reason: {answer}");
    assert!(answer.status >= 400, "released: {answer}");
    let answer = site.install(ATTACKER);
    assert!(answer.status >= 400, "installed: {answer}");
    site.administrator.get(&format!("{PLUGINS}/{ATTACKER}")).refused(404, "NOT_FOUND");
}

fn carry_out_step(site: &Site, step: &Step) {
    match step {
        Step::Save { refused, reason, stored, item } => {
            let before = site.posts();
            let answer = site.administrator.post(POSTS, &post());
            tells_nothing(site, &answer);
            match refused {
                Some(code) => {
                    is_refused(&answer, code, reason.as_deref());
                    assert_eq!(site.posts(), before, "a refused save stored something");
                }
                None => is_stored(&answer, stored, item),
            }
        }
        Step::Route { times, .. } => (0..times.unwrap_or(1)).for_each(|_| call(site, step)),
        Step::Page { has, lacks, bytes_at_most } => {
            let answer = site.server.anonymous().get("/").accepted();
            tells_nothing(site, &answer);
            contains(&answer, has, lacks, *bytes_at_most);
        }
    }
}

/// Refused by the plugin's name, with its hook and a reason, where it is the plugin's doing.
fn is_refused(answer: &Answer, code: &str, reason: Option<&str>) {
    let error = answer.json()["error"].take();
    assert!(answer.status >= 400, "saved: {answer}");
    let details = &error["details"];
    let found = if error["code"] == "SAVE_REJECTED" {
        assert_eq!(details["plugin"], ATTACKER, "{answer}");
        assert_eq!(details["version"], "1.0.0", "{answer}");
        assert_eq!(details["hook"], "content:beforeSave", "{answer}");
        assert!(details["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{answer}");
        &details["code"]
    } else {
        &error["code"]
    };
    assert_eq!(found, code, "{answer}");
    let told = format!("{} {}", error["message"], details["reason"]);
    assert!(told.contains(reason.unwrap_or_default()), "another reason: {answer}");
    assert!(answer.body.len() < 16 << 10, "a refusal of {} bytes", answer.body.len());
}

fn is_stored(answer: &Answer, fields: &Map<String, Value>, members: &Map<String, Value>) {
    let item = answer.data()["item"].take();
    for (name, value) in fields {
        assert_eq!(&item["data"][name], value, "{name} of {answer}");
    }
    for (name, value) in members {
        assert_eq!(&item[name], value, "{name} of {answer}");
    }
}

fn call(site: &Site, step: &Step) {
    let Step::Route {
        name, method, input, anonymous, code, data, headers, has, lacks, bytes_at_most, ..
    } = step
    else {
        return;
    };
    let client: Client = if *anonymous { site.server.anonymous() } else { site.administrator.clone() };
    let method: Method = method.as_deref().unwrap_or("GET").parse().expect("a method");
    let answer = client.send(method, &format!("/_emdash/api/plugins/{ATTACKER}/{name}"), input.as_ref());
    tells_nothing(site, &answer);
    has_status(&answer, step);
    if let Some(code) = code {
        assert_eq!(answer.json()["error"]["code"], code.as_str(), "{answer}");
    }
    if let Some(data) = data {
        assert_eq!(&answer.data(), data, "{answer}");
    }
    for (name, value) in headers {
        assert_eq!(&answer.header(name), value, "{name} of {answer}");
    }
    contains(&answer, has, lacks, *bytes_at_most);
}

fn has_status(answer: &Answer, step: &Step) {
    let Step::Route { status, status_in, .. } = step else { return };
    match status_in.is_empty() {
        true => assert_eq!(answer.status, status.unwrap_or(200), "status of {answer}"),
        false => assert!(status_in.contains(&answer.status), "status of {answer}"),
    }
}

fn contains(answer: &Answer, has: &[String], lacks: &[String], bytes_at_most: Option<usize>) {
    let text = answer.text();
    for part in has {
        assert!(text.contains(part), "without {part}: {answer}");
    }
    for part in lacks {
        assert!(!text.contains(part), "with {part}: {answer}");
    }
    let longest = bytes_at_most.unwrap_or(usize::MAX);
    assert!(text.len() <= longest, "{} bytes instead of {longest} at the most", text.len());
}

/// No answer tells of the server's inside.
fn tells_nothing(site: &Site, answer: &Answer) {
    let text = answer.text();
    let data = site.server.data().path().to_string_lossy().into_owned();
    for part in [data.as_str(), env!("CARGO_MANIFEST_DIR"), ".rs:", "panicked", "wasmtime", "SELECT "] {
        assert!(!text.contains(part), "an answer tells {part}: {answer}");
    }
}

fn judge(site: &Site, attack: &Attack) {
    let mut expected = attack.violations.clone();
    expected.sort();
    // A route's refusals go on record when the work is over that it did not wait for.
    eventually(&format!("{expected:?} alone is on record"), || {
        let found = site.violations(ATTACKER);
        assert!(
            found.iter().all(|code| expected.contains(code)),
            "{found:?} is on record instead of {expected:?}"
        );
        (found == expected).then_some(())
    });
    assert_eq!(site.outside.request_lines(), attack.outside, "requests that left");
    if let Some(most) = attack.log_lines_at_most {
        let log = site.administrator.get(&format!("{PLUGINS}/{ATTACKER}/log")).data();
        let lines = log["items"].as_array().map_or(0, Vec::len);
        assert!(lines <= most, "{lines} lines in the log");
    }
    site.neighbour_is_well();
}
