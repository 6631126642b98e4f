//! What is left of an exchange that was cut off, and releases the marketplace does not stand by any more.

use emdash_plugins::{Consent, InstallRequest};
use emdash_ports::plugin_data::{DataLimits, PluginDataStore};
use emdash_store::plugins::UnfinishedChange;
use emdash_types::Caller;
use serde_json::json;

use crate::fixture::{admin, fixture, id, manifest};
use crate::install::{LISTING, list};
use crate::scripted::Script;

const LIMITS: DataLimits = DataLimits {
    total_bytes: 1 << 20,
    document_bytes: 1 << 16,
    key_bytes: 256,
    answer_bytes: 1 << 16,
    statement_steps: 1 << 20,
};

#[tokio::test]
async fn a_start_finishes_what_was_cut_off_and_may_do_so_again() {
    for active in [true, false] {
        let site = fixture();
        site.install(&manifest("p"), Script::default()).await;
        if !active {
            site.host.disable(&Caller::System, &id("p")).await.unwrap();
        }
        let data = site.data.open(&id("p"), &Default::default(), LIMITS).unwrap();
        data.kv_set("row", "1").unwrap();
        let snapshot = site.data.snapshot(&id("p")).unwrap();
        data.kv_set("row", "2").unwrap();
        let mut transaction = site.store.write().await.unwrap();
        let mut state = transaction.plugin_lookup(&id("p")).await.unwrap().unwrap();
        state.unfinished = Some(UnfinishedChange {
            snapshot: snapshot.as_str().to_owned(),
            discard_bundle: "installed/p/other.tar.gz".to_owned(),
        });
        transaction.plugin_put(&state).await.unwrap();
        transaction.commit().await.unwrap();

        for _ in 0..2 {
            assert_eq!(site.host.load().await.unwrap().disabled, []);
            assert_eq!(data.kv_get("row").unwrap().as_deref(), Some("1"));
        }
        let left: Vec<_> = site.kept().into_iter().filter(|file| file.contains("snapshots")).collect();
        assert_eq!(left, Vec::<String>::new());
        assert_eq!(site.host.get(&Caller::System, &id("p")).await.unwrap().enabled, active);
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_finished_switches_the_plugin_off_with_the_reason() {
    let site = fixture();
    site.install(&manifest("p"), Script::default()).await;
    let mut transaction = site.store.write().await.unwrap();
    let mut state = transaction.plugin_lookup(&id("p")).await.unwrap().unwrap();
    state.unfinished = Some(UnfinishedChange { snapshot: "gone".into(), discard_bundle: "x".into() });
    transaction.plugin_put(&state).await.unwrap();
    transaction.commit().await.unwrap();
    let report = site.host.load().await.unwrap();
    assert_eq!(report.loaded, Vec::<String>::new());
    let info = site.host.get(&Caller::System, &id("p")).await.unwrap();
    assert!(info.disabled_reason.is_some_and(|reason| reason.contains("snapshot")));
}

#[tokio::test]
async fn a_release_is_switched_off_when_the_marketplace_says_so_and_not_when_it_says_nothing() {
    let cases = [
        (404, json!({"error": "Plugin not found"}), None),
        (200, json!({"items": [{"version": "1.0.0", "auditVerdict": "pass"}]}), None),
        (
            200,
            json!({"items": [{"version": "1.0.1"}]}),
            Some("version 1.0.0 was withdrawn from the marketplace."),
        ),
        (
            200,
            json!({"items": [{"version": "1.0.0", "auditVerdict": "fail"}]}),
            Some("version 1.0.0 failed the marketplace's review."),
        ),
    ];
    for (status, versions, objection) in cases {
        let site = fixture();
        let bundle = site.bundle(&manifest("p"), Script::default());
        list(&site, &bundle, json!({"capabilities": []}));
        let request = InstallRequest {
            id: id("p"),
            version: None,
            consent: Consent::NotGiven,
            confirm_mcp_tools: false,
        };
        site.host.install(&admin(), request).await.unwrap();
        site.http.answer(&format!("{LISTING}/versions"), status, versions.to_string());
        let found = site.host.check_releases().await.unwrap();
        let info = site.host.get(&admin(), &id("p")).await.unwrap();
        assert_eq!((found.len(), info.enabled), (usize::from(objection.is_some()), objection.is_none()));
        let reason = objection.map(|text| format!("The marketplace does not stand by it any more: {text}"));
        assert_eq!(info.disabled_reason, reason);
        assert!(site.kept().contains(&"plugins/p.db".to_owned()), "its data stays");
    }
}
