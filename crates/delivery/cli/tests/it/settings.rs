//! A plugin's settings, from the form to the call they change and the header they end up in (B12–B15, B20, ruling 3).

use std::io::Write;
use std::process::Stdio;

use emdash_testkit::{ChildServer, Client, Plugin, Serving, TestData, WebhookListener, command};
use serde_json::{Value, json};

use crate::support::binary;

const SETTINGS: &str = "/_emdash/api/admin/plugins/writer/settings";
const ROUTE: &str = "/_emdash/api/plugins/writer";
const KEY: &str = "sk-live-0123456789";

const CODE: &str = r#"
export default {
  routes: {
    provider: async (_, ctx) => ({ provider: await ctx.settings.get("provider"), all: await ctx.settings.list() }),
    key: async (_, ctx) => ({ key: await ctx.settings.get("apiKey"), same: await ctx.kv.get("settings:apiKey") }),
    write: async (_, ctx) => {
      const key = await ctx.settings.get("apiKey");
      const answer = await ctx.http.fetch("http://model.example.com/v1/messages", {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: { model: await ctx.settings.get("provider") },
      });
      return { status: answer.status, text: await answer.text() };
    },
  },
};
"#;

fn writer() -> Plugin {
    Plugin::new("writer", CODE)
        .routes(&["provider", "key", "write"])
        .capabilities(&["network:request"])
        .with("allowedHosts", json!(["model.example.com"]))
        .with(
            "admin",
            json!({"settingsSchema": {
                "provider": {"type": "select", "label": "Provider", "default": "claude",
                    "options": [{"value": "claude", "label": "Claude"}, {"value": "openai", "label": "OpenAI"}]},
                "apiKey": {"type": "secret", "label": "API key"}
            }}),
        )
}

fn with_writer(listener: &WebhookListener) -> ChildServer {
    let host = format!("model.example.com={}", listener.address());
    let server = ChildServer::start(binary(), TestData::with_site(), &["--outbound-host", &host]);
    server.install(&writer());
    server
}

fn put(admin: &Client, values: Value) -> Value {
    admin.put(SETTINGS, &json!({"values": values})).data()
}

#[test]
fn switching_the_provider_is_one_write_that_the_next_call_sees() {
    let listener = WebhookListener::start();
    let server = with_writer(&listener);
    let admin = server.administrator();
    assert_eq!(admin.get(&format!("{ROUTE}/provider")).data()["provider"], "claude");
    assert_eq!(put(&admin, json!({"provider": "openai"}))["values"]["provider"], "openai");
    let seen = admin.get(&format!("{ROUTE}/provider")).data();
    assert_eq!(seen, json!({"provider": "openai", "all": [{"key": "provider", "value": "openai"}]}));
    let refused =
        admin.put(SETTINGS, &json!({"values": {"provider": "none"}})).refused(400, "VALIDATION_ERROR");
    assert_eq!(refused["message"], "Setting \"provider\" must be one of the defined options");
}

#[test]
fn a_secret_reaches_the_provider_and_neither_the_plugin_nor_the_disk() {
    // The provider echoes what it was sent, as careless ones do.
    let listener =
        WebhookListener::answering(|received| (200, received.header("authorization").as_bytes().to_vec()));
    let server = with_writer(&listener);
    let admin = server.administrator();
    let answer = put(&admin, json!({"apiKey": KEY}));
    assert_eq!(answer["secretsSet"], json!({"apiKey": true}));
    assert!(!answer.to_string().contains(KEY), "{answer}");

    let seen = admin.get(&format!("{ROUTE}/key")).data();
    let placeholder = seen["key"].as_str().unwrap_or_default().to_owned();
    assert!(placeholder.starts_with("EMDASH_SECRET_"), "{seen}");
    assert_eq!(seen["same"], placeholder.as_str());

    let written = admin.act(&format!("{ROUTE}/write")).data();
    let received = listener.wait_for(1);
    assert_eq!(received[0].header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(received[0].json(), json!({"model": "claude"}));
    assert_eq!(written, json!({"status": 200, "text": format!("Bearer {placeholder}")}));

    // It outlives the process, and no file holds it in the clear.
    let data = server.stop();
    for entry in files(data.path()) {
        let bytes = std::fs::read(&entry).unwrap_or_default();
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{}", entry.display());
    }
    let host = format!("model.example.com={}", listener.address());
    let server = ChildServer::start(binary(), data, &["--outbound-host", &host]);
    server.administrator().act(&format!("{ROUTE}/write")).accepted();
    assert_eq!(listener.wait_for(2)[1].header("authorization"), format!("Bearer {KEY}"));
}

#[test]
fn settings_are_shown_and_changed_from_the_command_line() {
    let listener = WebhookListener::start();
    let server = with_writer(&listener);
    let token = server.data().administrator_token();
    let on_server = ["--url", server.base(), "--token", &token, "--json"];
    let run = |arguments: &[&str], input: &str| -> Value {
        let all = [&["plugin", "settings", "writer"], arguments, &on_server[..]].concat();
        let mut child = command(binary())
            .args(all)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        serde_json::from_slice(&output.stdout).expect("it prints JSON")
    };
    assert_eq!(run(&["--set", "provider=openai"], "")["values"]["provider"], "openai");
    let bound = run(&["--secret", "apiKey", "--bind", "apiKey=model.example.com"], "sk-live-0123456789\n");
    assert_eq!(bound["secretsSet"]["apiKey"], true, "{bound}");
    assert_eq!(bound["secretHosts"]["apiKey"], json!(["model.example.com"]));
    server.administrator().act(&format!("{ROUTE}/write")).accepted();
    assert_eq!(listener.wait_for(1)[0].header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(run(&["--unset", "provider"], "")["values"]["provider"], "claude");
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
