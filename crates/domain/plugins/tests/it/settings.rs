//! Settings from both sides, and secrets that a plugin can use and never see (B12–B14, ruling 3).

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_plugins::{RouteReply, SettingsChange};
use emdash_ports::outbound::EgressHosts;
use emdash_types::ErrorCode;
use serde_json::{Value, json};

use crate::fixture::{Fixture, admin, fixture, id, manifest, map, with};
use crate::scripted::{End, Guest, Script};

const KEY: &str = "sk-live-0123456789";

fn schema() -> Value {
    json!({"settingsSchema": {
        "provider": {"type": "select", "label": "Provider", "options": [{"value": "claude", "label": "Claude"},
            {"value": "openai", "label": "OpenAI"}], "default": "claude"},
        "posts": {"type": "number", "label": "Posts a day", "min": 1, "max": 24, "default": 2},
        "note": {"type": "string", "label": "Note"},
        "apiKey": {"type": "secret", "label": "API key", "hosts": ["api.example.com"]}
    }})
}

/// A site with a plugin that carries out the host calls its route is given.
async fn site_with(changes: Value) -> Fixture {
    let site = fixture();
    let shape = json!({"routes": ["ask"], "admin": schema(), "capabilities": ["network:request"],
        "allowedHosts": ["api.example.com", "other.example.com"]});
    let script = Script::default().route("ask", |guest, input| async move {
        let call = &input["input"];
        let answer = guest.ask(call[0].as_str().unwrap(), call[1].clone()).await;
        End::Value(match answer {
            Ok(value) => value,
            Err(error) => json!(format!("{}: {}", error.code().name(), error.message())),
        })
    });
    site.install(&with(with(manifest("blog"), shape), changes), script).await;
    site
}

async fn ask(site: &Fixture, call: &str, arguments: Value) -> Value {
    let request =
        emdash_plugins::RouteRequest { input: Some(json!([call, arguments])), ..Default::default() };
    match site.host.route(&id("blog"), "ask").unwrap().call(request).await.unwrap() {
        RouteReply::Data { json: Some(json), .. } => serde_json::from_str(&json).unwrap(),
        other => unreachable!("{other:?}"),
    }
}

async fn change(site: &Fixture, values: Value) -> emdash_types::Result<Value> {
    let change = SettingsChange { values: map(values), ..SettingsChange::default() };
    let settings = site.host.change_settings(&admin(), &id("blog"), change).await?;
    let mut view = serde_json::to_value(settings).unwrap();
    view.as_object_mut().unwrap().shift_remove("schema");
    view.as_object_mut().unwrap().shift_remove("version");
    Ok(view)
}

fn request(url: &str, headers: Value, body: Option<&str>) -> Value {
    json!([{"url": url, "method": "POST", "headers": headers, "body": body.map(|text| STANDARD.encode(text))}])
}

async fn key_placeholder(site: &Fixture) -> String {
    ask(site, "settings.get", json!(["apiKey"])).await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_form_shows_defaults_until_something_is_saved_and_the_plugin_sees_the_same() {
    let site = site_with(json!({})).await;
    assert_eq!(ask(&site, "settings.get", json!(["provider"])).await, "claude");
    assert_eq!(ask(&site, "settings.get", json!(["note"])).await, Value::Null);
    let view = change(&site, json!({"provider": "openai", "posts": 5})).await.unwrap();
    insta::assert_json_snapshot!(view, @r#"
    {
      "values": {
        "provider": "openai",
        "posts": 5,
        "note": null
      },
      "secretsSet": {
        "apiKey": false
      },
      "secretHosts": {
        "apiKey": [
          "api.example.com"
        ]
      }
    }
    "#);
    assert_eq!(ask(&site, "settings.get", json!(["provider"])).await, "openai");
    assert_eq!(ask(&site, "kv.get", json!(["settings:posts"])).await, 5);
    assert_eq!(
        ask(&site, "settings.list", json!([])).await,
        json!([{"key": "posts", "value": 5}, {"key": "provider", "value": "openai"}])
    );
    change(&site, json!({"provider": null})).await.unwrap();
    assert_eq!(ask(&site, "settings.get", json!(["provider"])).await, "claude");
}

#[tokio::test]
async fn a_plugins_own_form_and_the_generated_one_write_the_same_keys() {
    let site = site_with(json!({})).await;
    ask(&site, "kv.set", json!(["settings:note", "from the plugin"])).await;
    let settings = site.host.settings(&admin(), &id("blog")).await.unwrap();
    assert_eq!(settings.values["note"], "from the plugin");
    assert_eq!(ask(&site, "settings.set", json!(["posts", 3])).await, Value::Null);
    assert_eq!(ask(&site, "kv.get", json!(["settings:posts"])).await, 3);
    let refused = ask(&site, "settings.set", json!(["posts", 99])).await;
    assert_eq!(refused, "VALIDATION_ERROR: Setting \"posts\" must be at most 24");
    assert_eq!(ask(&site, "settings.delete", json!(["posts"])).await, true);
    assert_eq!(ask(&site, "settings.get", json!(["posts"])).await, 2);
}

#[tokio::test]
async fn one_wrong_value_leaves_every_setting_as_it_was() {
    let site = site_with(json!({})).await;
    let unknown = change(&site, json!({"note": "a", "nope": 1})).await.unwrap_err();
    assert_eq!(unknown.message(), "Unknown setting \"nope\" for plugin \"blog\"");
    let wrong = change(&site, json!({"note": "a", "posts": "many"})).await.unwrap_err();
    assert_eq!(wrong.message(), "Setting \"posts\" must be a number");
    assert_eq!(ask(&site, "kv.list", json!([])).await, json!([]));
}

#[tokio::test]
async fn whoever_was_slower_is_told_instead_of_overwriting() {
    let site = site_with(json!({})).await;
    let seen = site.host.settings(&admin(), &id("blog")).await.unwrap().version;
    change(&site, json!({"note": "first"})).await.unwrap();
    let late =
        SettingsChange { values: map(json!({"note": "second"})), version: Some(seen), ..Default::default() };
    let refused = site.host.change_settings(&admin(), &id("blog"), late).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Conflict);
    assert_eq!(ask(&site, "settings.get", json!(["note"])).await, "first");
}

#[tokio::test]
async fn a_secret_never_reaches_the_guest_the_form_or_the_disk() {
    let site = site_with(json!({})).await;
    let view = change(&site, json!({"apiKey": KEY})).await.unwrap();
    assert_eq!(view["secretsSet"]["apiKey"], true);
    assert!(!view.to_string().contains(KEY));
    let placeholder = key_placeholder(&site).await;
    assert!(placeholder.starts_with("EMDASH_SECRET_"));
    assert_eq!(ask(&site, "kv.get", json!(["settings:apiKey"])).await, placeholder);
    assert_eq!(
        ask(&site, "kv.list", json!(["settings:"])).await,
        json!([{"key": "settings:apiKey", "value": placeholder}])
    );
    assert!(!ask(&site, "settings.list", json!([])).await.to_string().contains("apiKey"));
    for file in site.kept() {
        let bytes = std::fs::read(site.directory.path().join(&file)).unwrap();
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{file}");
    }
}

#[tokio::test]
async fn a_secret_a_plugin_stores_itself_is_sealed_and_its_placeholder_can_be_saved_back() {
    let site = site_with(json!({})).await;
    ask(&site, "kv.set", json!(["settings:apiKey", KEY])).await;
    let placeholder = key_placeholder(&site).await;
    assert_ne!(placeholder, KEY);
    ask(&site, "settings.set", json!(["apiKey", placeholder])).await;
    site.http.answer("https://api.example.com/", 200, "ok");
    let headers = json!([["authorization", format!("Bearer {placeholder}")]]);
    ask(&site, "http.fetch", request("https://api.example.com/", headers, None)).await;
    let sent = site.http.sent.lock().unwrap();
    assert_eq!(sent.last().unwrap().0.headers[0].1, format!("Bearer {KEY}"));
}

#[tokio::test]
async fn the_host_puts_a_secret_in_wherever_a_request_names_it() {
    let site = site_with(json!({})).await;
    change(&site, json!({"apiKey": "a\"b c:1234"})).await.unwrap();
    let placeholder = key_placeholder(&site).await;
    let url = format!("https://api.example.com/bot{placeholder}/send?key={placeholder}&x=1");
    let sent_url = "https://api.example.com/bota%22b%20c:1234/send?key=a%22b%20c:1234&x=1";
    site.http.answer(sent_url, 200, "ok");
    let basic = format!("Basic {}", STANDARD.encode(format!("user:{placeholder}")));
    let headers =
        json!([["authorization", basic], ["x-key", placeholder], ["content-type", "application/json"]]);
    let body = format!(r#"{{"key":"{placeholder}"}}"#);
    let answer = ask(&site, "http.fetch", request(&url, headers, Some(&body))).await;
    assert_eq!(answer["status"], 200, "{answer}");
    let sent = site.http.sent.lock().unwrap();
    let (request, policy) = sent.last().unwrap();
    assert_eq!(request.url.as_str(), sent_url);
    assert_eq!(request.headers[0].1, format!("Basic {}", STANDARD.encode("user:a\"b c:1234")));
    assert_eq!(request.headers[1].1, "a\"b c:1234");
    assert_eq!(request.body, r#"{"key":"a\"b c:1234"}"#);
    // A redirect cannot carry it to the plugin's other host.
    let EgressHosts::Listed(hosts) = &policy.hosts else { unreachable!() };
    assert_eq!(hosts.iter().map(|host| host.as_str()).collect::<Vec<_>>(), ["api.example.com"]);
}

#[tokio::test]
async fn a_secret_is_not_sent_to_a_host_it_is_not_bound_to_and_the_attempt_is_on_record() {
    let site = site_with(json!({})).await;
    change(&site, json!({"apiKey": KEY})).await.unwrap();
    let placeholder = key_placeholder(&site).await;
    let call = request("https://other.example.com/", json!([["x-key", placeholder]]), None);
    let refused = "HOST_NOT_ALLOWED: Host not allowed: other.example.com: the secret \"apiKey\" is bound to api.example.com";
    assert_eq!(ask(&site, "http.fetch", call.clone()).await, refused);
    assert_eq!(site.http.urls(), Vec::<String>::new());
    tokio::task::yield_now().await;
    assert_eq!(site.violations().await[0].code, "HOST_NOT_ALLOWED");
    // An administrator may bind it elsewhere, and back.
    let bind = |hosts: Option<Vec<String>>| SettingsChange {
        secret_hosts: [("apiKey".to_owned(), hosts)].into(),
        ..SettingsChange::default()
    };
    let elsewhere = bind(Some(vec!["other.example.com".into()]));
    site.host.change_settings(&admin(), &id("blog"), elsewhere).await.unwrap();
    site.http.answer("https://other.example.com/", 200, "ok");
    assert_eq!(ask(&site, "http.fetch", call.clone()).await["status"], 200);
    site.host.change_settings(&admin(), &id("blog"), bind(None)).await.unwrap();
    assert_eq!(ask(&site, "http.fetch", call).await, refused);
}

#[tokio::test]
async fn a_binding_never_reaches_beyond_the_plugins_own_hosts() {
    let site = site_with(json!({"admin": {"settingsSchema": {
        "apiKey": {"type": "secret", "label": "Key", "hosts": ["evil.example.org", "api.example.com"]}}}}))
    .await;
    change(&site, json!({"apiKey": KEY})).await.unwrap();
    let placeholder = key_placeholder(&site).await;
    let call = request("https://evil.example.org/", json!([["x-key", placeholder]]), None);
    ask(&site, "http.fetch", call).await;
    let sent = site.http.sent.lock().unwrap();
    let EgressHosts::Listed(hosts) = &sent.last().unwrap().1.hosts else { unreachable!() };
    assert!(!hosts.iter().any(|host| host.matches("evil.example.org")), "{hosts:?}");
}

#[tokio::test]
async fn a_plugin_that_may_reach_any_host_has_no_secret_for_any_until_an_administrator_says_so() {
    let site = site_with(json!({"capabilities": ["network:request:unrestricted"], "allowedHosts": [],
        "admin": {"settingsSchema": {"apiKey": {"type": "secret", "label": "Key"}}}}))
    .await;
    change(&site, json!({"apiKey": KEY})).await.unwrap();
    let placeholder = key_placeholder(&site).await;
    let call = request("https://any.example.org/", json!([["x-key", placeholder]]), None);
    let refused = ask(&site, "http.fetch", call).await;
    assert_eq!(
        refused,
        "HOST_NOT_ALLOWED: Host not allowed: any.example.org: the secret \"apiKey\" is bound to no host"
    );
}

#[tokio::test]
async fn an_answer_that_echoes_a_secret_is_cleaned() {
    let site = site_with(json!({})).await;
    change(&site, json!({"apiKey": KEY})).await.unwrap();
    let placeholder = key_placeholder(&site).await;
    site.http.answer("https://api.example.com/", 200, format!("you sent {KEY}!"));
    let call = request("https://api.example.com/", json!([["x-key", placeholder]]), None);
    let body = ask(&site, "http.fetch", call).await["body"].as_str().unwrap().to_owned();
    assert_eq!(STANDARD.decode(body).unwrap(), format!("you sent {placeholder}!").into_bytes());
}

#[tokio::test]
async fn one_plugins_placeholder_is_only_text_to_another() {
    let site = site_with(json!({})).await;
    change(&site, json!({"apiKey": KEY})).await.unwrap();
    let placeholder = key_placeholder(&site).await;
    site.http.answer("https://api.example.com/", 200, "ok");
    let heard = Arc::new(Mutex::new(Value::Null));
    let script = Script::default().route("ask", {
        let placeholder = placeholder.clone();
        move |guest: Guest, _| {
            let placeholder = placeholder.clone();
            async move {
                let call = request("https://api.example.com/", json!([["x-key", placeholder]]), None);
                End::Value(guest.ask("http.fetch", call).await.unwrap())
            }
        }
    });
    let thief = with(
        manifest("thief"),
        json!({"routes": ["ask"], "capabilities": ["network:request"], "allowedHosts": ["api.example.com"],
            "admin": schema()}),
    );
    site.install(&thief, script).await;
    site.call("thief", "ask").await.unwrap();
    *heard.lock().unwrap() = json!(site.http.sent.lock().unwrap().last().unwrap().0.headers[0].1.clone());
    assert_eq!(*heard.lock().unwrap(), placeholder);
}

#[tokio::test]
async fn the_settings_of_a_plugin_that_is_off_can_be_changed() {
    let site = site_with(json!({})).await;
    site.host.disable(&admin(), &id("blog")).await.unwrap();
    change(&site, json!({"note": "while off", "apiKey": KEY})).await.unwrap();
    site.host.enable(&admin(), &id("blog")).await.unwrap();
    assert_eq!(ask(&site, "settings.get", json!(["note"])).await, "while off");
}

#[tokio::test]
async fn a_plugin_draws_its_own_panel_for_administrators_only() {
    let site = fixture();
    let script = Script::default().hook("admin:settingsPanel", |_, event| async move {
        End::Value(json!({"blocks": [], "saw": event}))
    });
    site.install(&with(manifest("p"), json!({"hooks": ["admin:settings_panel"]})), script).await;
    let event = json!({"type": "page_load", "page": "settings"});
    let panel = site.host.settings_panel(&admin(), &id("p"), &event).await.unwrap();
    assert_eq!(panel, json!({"blocks": [], "saw": event}));
    let editor = emdash_types::Caller::User(emdash_types::UserCaller {
        id: "e".into(),
        role: emdash_types::Role::Editor,
        scopes: None,
    });
    assert_eq!(
        site.host.settings_panel(&editor, &id("p"), &event).await.unwrap_err().code(),
        ErrorCode::Forbidden
    );
    assert_eq!(site.host.settings(&editor, &id("p")).await.unwrap_err().code(), ErrorCode::Forbidden);
}
