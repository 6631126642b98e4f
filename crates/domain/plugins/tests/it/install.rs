//! Installing: all of it or nothing (plugin contract §7.3, §8.8).

use bytes::Bytes;
use emdash_manifest::Bundle;
use emdash_plugins::{Access, Consent, InstallOutcome, InstallRequest};
use emdash_types::{Caller, ErrorCode, Result};
use serde_json::{Value, json};

use crate::fixture::{Fixture, MARKETPLACE, admin, bundle, fixture, id, manifest, token, with};
use crate::scripted::{End, Script, throw};

pub const LISTING: &str = "https://market.example.com/sub/api/v1/plugins/p";

fn release(bundle: &Bytes, changes: Value) -> Value {
    let release = json!({"version": "1.0.0", "checksum": Bundle::checksum(bundle).to_uppercase(),
        "capabilities": ["content:read"], "status": "published"});
    with(release, changes)
}

/// A marketplace with one release of `p`.
pub fn list(site: &Fixture, bundle: &Bytes, changes: Value) {
    let latest = release(bundle, changes);
    let detail = json!({"id": "p", "name": "Plugin P", "description": "Does p.", "latestVersion": latest});
    site.http.answer(LISTING, 200, detail.to_string());
    site.http.answer(&format!("{LISTING}/versions/1.0.0/bundle"), 200, bundle.to_vec());
    site.http.answer(&format!("{LISTING}/installs"), 200, "{}");
}

fn reads() -> Value {
    with(
        manifest("p"),
        json!({"capabilities": ["content:read"], "hooks": ["plugin:install", "plugin:activate", "content:afterSave"]}),
    )
}

fn quiet() -> Script {
    ["plugin:install", "plugin:activate", "content:afterSave"]
        .into_iter()
        .fold(Script::default(), |script, hook| script.hook(hook, |_, _| async { End::Undefined }))
}

async fn install(site: &Fixture, caller: &Caller, consent: Consent) -> Result<InstallOutcome> {
    site.host
        .install(caller, InstallRequest { id: id("p"), version: None, consent, confirm_mcp_tools: false })
        .await
}

async fn nothing_is_left(site: &Fixture) {
    assert_eq!(site.kept(), Vec::<String>::new());
    assert_eq!(site.host.list(&Caller::System).await.unwrap(), []);
    assert_eq!(site.host.generation_number(), 0);
    let mut transaction = site.store.read().await.unwrap();
    assert_eq!(transaction.audit_list(10).await.unwrap(), []);
}

#[tokio::test]
async fn a_plugin_comes_from_the_marketplace_checked_granted_live_and_on_record() {
    let site = fixture();
    let bundle = site.bundle(&reads(), quiet());
    list(&site, &bundle, json!({}));
    let outcome = install(&site, &admin(), Consent::NotGiven).await.unwrap();
    assert_eq!(outcome.capabilities, ["content:read"]);
    assert!(site.host.listens(emdash_manifest::Hook::ContentAfterSave));

    let info = site.host.get(&admin(), &id("p")).await.unwrap();
    assert_eq!(
        (info.name.as_str(), info.description.as_deref(), info.enabled),
        ("Plugin P", Some("Does p."), true)
    );
    assert_eq!(info.marketplace_version.as_deref(), Some("1.0.0"));
    assert_eq!((info.health.calls, info.has_hooks), (2, true), "plugin:install and plugin:activate");

    let record = site.store.read().await.unwrap().audit_list(1).await.unwrap().remove(0);
    assert_eq!(
        (record.actor.as_str(), record.action.as_str(), record.resource.as_str()),
        ("user:admin", "plugin.install", "plugins/p")
    );
    assert_eq!(record.details["consent"], "dialogue");

    let again = install(&site, &admin(), Consent::NotGiven).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::AlreadyInstalled);
}

#[tokio::test]
async fn the_marketplace_hears_of_it_from_its_own_origin_only_and_learns_no_address() {
    let site = fixture();
    let bundle = site.bundle(&reads(), quiet());
    list(&site, &bundle, json!({}));
    install(&site, &admin(), Consent::Everything).await.unwrap();
    while site.http.urls().len() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        site.http.urls(),
        [
            format!("GET {LISTING}"),
            format!("GET {LISTING}/versions/1.0.0/bundle"),
            format!("POST {LISTING}/installs")
        ]
    );
    let sent = site.http.sent.lock().unwrap();
    let report: Value = serde_json::from_slice(&sent[2].0.body).unwrap();
    assert_eq!(report["version"], "1.0.0");
    assert_eq!(report["siteHash"].as_str().unwrap().len(), 16);
    let confined = |policy: &emdash_ports::outbound::EgressPolicy| matches!(&policy.hosts, emdash_ports::outbound::EgressHosts::Operator(url) if url.as_str() == MARKETPLACE);
    assert!(sent.iter().all(|(_, policy)| confined(policy)));
}

#[tokio::test]
async fn another_checksum_identity_or_verdict_installs_nothing() {
    let cases = [
        (json!({"checksum": "00"}), ErrorCode::ChecksumMismatch),
        (json!({"checksum": null}), ErrorCode::ChecksumMismatch),
        (json!({"version": "1.0.1"}), ErrorCode::BundleDownloadFailed),
        (json!({"status": "flagged"}), ErrorCode::AuditFailed),
        (json!({"audit": {"verdict": "fail", "riskScore": 9}}), ErrorCode::AuditFailed),
        (json!({"auditVerdict": "warn"}), ErrorCode::AuditFailed),
    ];
    for (changes, code) in cases {
        let site = fixture();
        let bundle = site.bundle(&reads(), quiet());
        list(&site, &bundle, changes.clone());
        assert_eq!(
            install(&site, &admin(), Consent::Everything).await.unwrap_err().code(),
            code,
            "{changes}"
        );
        nothing_is_left(&site).await;
    }
    let site = fixture();
    let other = bundle("manifest.json", &manifest("q"), "q");
    list(&site, &other, json!({}));
    let error = install(&site, &admin(), Consent::Everything).await.unwrap_err();
    assert_eq!(error.message(), "The bundle says it is q@1.0.0, not p@1.0.0.");
}

#[tokio::test]
async fn a_wanted_version_is_found_in_the_list_or_there_is_none() {
    let site = fixture();
    let bundle = site.bundle(&reads(), quiet());
    let newer = json!({"version": "2.0.0", "checksum": "00", "capabilities": []});
    site.http.answer(LISTING, 200, json!({"name": "P", "latestVersion": newer}).to_string());
    let versions = json!({"items": [newer, release(&bundle, json!({}))]});
    site.http.answer(&format!("{LISTING}/versions"), 200, versions.to_string());
    site.http.answer(&format!("{LISTING}/versions/1.0.0/bundle"), 200, bundle.to_vec());
    let wanted = |version: &str| InstallRequest {
        id: id("p"),
        version: Some(version.into()),
        consent: Consent::Everything,
        confirm_mcp_tools: false,
    };
    let error = site.host.install(&admin(), wanted("3.0.0")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NoVersion);
    assert_eq!(site.host.install(&admin(), wanted("1.0.0")).await.unwrap().version, "1.0.0");
}

#[tokio::test]
async fn a_plugin_that_fails_to_start_install_or_activate_leaves_nothing_behind() {
    let fails = |at: &'static str| {
        quiet().hook(at, |guest, _| async move {
            guest.ask("kv.set", json!(["left", 1])).await.unwrap();
            throw("no licence")
        })
    };
    for (script, message) in [
        (Script { broken: Some("backend.js:1:1: boom".into()), ..quiet() }, "backend.js:1:1: boom"),
        (fails("plugin:install"), "Plugin install failed: no licence"),
        (fails("plugin:activate"), "Plugin install failed: no licence"),
    ] {
        let site = fixture();
        let bundle = site.bundle(&reads(), script);
        list(&site, &bundle, json!({}));
        let error = install(&site, &admin(), Consent::Everything).await.unwrap_err();
        assert_eq!(error.message(), message);
        nothing_is_left(&site).await;
    }
}

#[tokio::test]
async fn a_failed_installation_does_not_take_the_data_of_an_earlier_one() {
    let site = fixture();
    site.install(&manifest("p"), Script::default()).await;
    site.host.uninstall(&admin(), &id("p"), false).await.unwrap();
    let kept = site.kept();
    assert!(kept.iter().any(|file| file == "plugins/p.db"), "{kept:?}");
    let broken = site.bundle(
        &with(manifest("p"), json!({"version": "2.0.0"})),
        Script { broken: Some("x".into()), ..quiet() },
    );
    site.host.install_bundle(&admin(), broken, Consent::Everything).await.unwrap_err();
    assert!(site.kept().iter().any(|file| file == "plugins/p.db"));
}

#[tokio::test]
async fn access_has_to_be_agreed_to_and_exactly_that_is_granted() {
    let asks = with(
        reads(),
        json!({"capabilities": ["content:read", "network:request"], "allowedHosts": ["api.example.com"]}),
    );
    let site = fixture();
    let bundle = site.bundle(&asks, quiet());
    list(&site, &bundle, json!({}));
    let error = install(&site, &token(), Consent::NotGiven).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConsentRequired);
    insta::assert_json_snapshot!(error.details_value(), @r#"
    {
      "plugin": "p",
      "version": "1.0.0",
      "access": {
        "capabilities": [
          "content:read",
          "network:request"
        ],
        "hosts": [
          "api.example.com"
        ],
        "publicRoutes": [],
        "mcpTools": []
      },
      "lines": [
        "Read all your content, drafts included.",
        "Send data to and fetch data from these hosts: api.example.com."
      ]
    }
    "#);
    let error = install(&site, &admin(), Consent::NotGiven).await.unwrap_err();
    assert_eq!(
        error.code(),
        ErrorCode::ConsentRequired,
        "the marketplace lists less than the bundle asks for"
    );
    nothing_is_left(&site).await;

    let details = error.details_value().unwrap();
    let agreed: Access = serde_json::from_value(details["access"].clone()).unwrap();
    install(&site, &token(), Consent::Exactly(agreed)).await.unwrap();
    let info = site.host.get(&token(), &id("p")).await.unwrap();
    assert_eq!((info.capabilities.len(), info.allowed_hosts), (2, vec!["api.example.com".to_owned()]));
}

#[tokio::test]
async fn only_administrators_install_and_a_plugin_never_does() {
    let site = fixture();
    let editor = Caller::User(emdash_types::UserCaller {
        id: "e".into(),
        role: emdash_types::Role::Editor,
        scopes: None,
    });
    for (caller, code) in [
        (Caller::Anonymous, ErrorCode::NotAuthenticated),
        (editor, ErrorCode::Forbidden),
        (Caller::plugin(id("q")), ErrorCode::Forbidden),
    ] {
        assert_eq!(install(&site, &caller, Consent::Everything).await.unwrap_err().code(), code);
        assert_eq!(site.host.enable(&caller, &id("p")).await.unwrap_err().code(), code);
        assert_eq!(site.host.uninstall(&caller, &id("p"), true).await.unwrap_err().code(), code);
    }
    assert_eq!(site.http.urls(), Vec::<String>::new());
}
