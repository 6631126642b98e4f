//! Plugins of a site.

use std::sync::Arc;

use emdash_types::{ErrorCode, PluginId};

use super::Make;
use crate::SiteStore;
use crate::plugins::{
    PluginRequest, PluginState, PluginStatus, PreviousRelease, RecordedCall, RequestStatus, UnfinishedChange,
    Violation,
};

fn plugin(id: &str) -> PluginId {
    PluginId::parse(id).unwrap()
}

/// Putting again replaces; the list is in the order of installation.
pub async fn plugin_states_are_put_and_listed(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let [mut first, second] = ["zulu", "alpha"].map(|id| PluginState {
        id: plugin(id),
        version: "1.0.0".to_owned(),
        status: PluginStatus::Active,
        source: "marketplace".to_owned(),
        display_name: Some("Name".to_owned()),
        description: None,
        bundle_key: "bundles/x.tar.gz".to_owned(),
        checksum: "00".to_owned(),
        granted_capabilities: vec!["content:read".to_owned()],
        granted_hosts: vec!["*.example.com".to_owned()],
        disabled_reason: None,
        installed_at: make.instant(),
        activated_at: Some(make.instant()),
        deactivated_at: None,
        mcp_tools_enabled: false,
        previous: None,
        unfinished: None,
        rollback_reason: None,
    });
    for state in [&second, &first] {
        write.plugin_put(state).await.unwrap();
    }
    first.version = "1.1.0".to_owned();
    first.status = PluginStatus::Inactive;
    first.disabled_reason = Some("crashed".to_owned());
    first.granted_capabilities = vec![];
    first.deactivated_at = Some(make.instant());
    first.mcp_tools_enabled = true;
    first.previous = Some(PreviousRelease {
        version: "1.0.0".to_owned(),
        bundle_key: "bundles/x.tar.gz".to_owned(),
        checksum: "00".to_owned(),
        granted_capabilities: vec!["content:read".to_owned()],
        granted_hosts: vec![],
        snapshot: "s".to_owned(),
        replaced_at: make.instant(),
    });
    first.unfinished =
        Some(UnfinishedChange { snapshot: "s".to_owned(), discard_bundle: "bundles/y.tar.gz".to_owned() });
    first.rollback_reason = Some("It threw.".to_owned());
    write.plugin_put(&first).await.unwrap();
    assert_eq!(write.plugin_lookup(&first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(write.plugin_list().await.unwrap(), [first.clone(), second]);
    write.plugin_delete(&first.id).await.unwrap();
    assert_eq!(write.plugin_lookup(&first.id).await.unwrap(), None);
}

/// Newest first, of one plugin or of all.
pub async fn violations_are_listed_and_counted(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let mut added = Vec::new();
    for (id, code) in [("a", "X"), ("b", "X"), ("a", "Y"), ("a", "X")] {
        let violation = Violation {
            id: make.ambient.id(),
            plugin_id: plugin(id),
            version: "1.0.0".to_owned(),
            during: "hook content:beforeSave".to_owned(),
            code: code.to_owned(),
            message: "50 ms of 50 ms".to_owned(),
            at: make.instant(),
        };
        write.violation_add(&violation).await.unwrap();
        added.insert(0, violation);
    }
    assert_eq!(write.violation_list(None, 2).await.unwrap(), added[..2]);
    assert_eq!(write.violation_list(Some(&plugin("b")), 5).await.unwrap(), added[2..3]);
    let counts = [("a", "X", 2), ("a", "Y", 1), ("b", "X", 1)];
    let counts = counts.map(|(id, code, count)| (plugin(id), code.to_owned(), count));
    assert_eq!(write.violation_counts().await.unwrap(), counts);
}

/// One open wish per user and plugin; newest first; a decision replaces what is known.
pub async fn wishes_for_plugins_are_kept_and_decided(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let wish = |user: &str| PluginRequest {
        id: make.ambient.id(),
        plugin_id: plugin("a"),
        note: Some("For the shop.".to_owned()),
        requested_by: user.into(),
        requested_at: make.instant(),
        status: RequestStatus::Open,
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    let (mut first, second) = (wish("ada"), wish("bob"));
    write.plugin_request_put(&first).await.unwrap();
    write.plugin_request_put(&second).await.unwrap();
    assert_eq!(write.plugin_request_put(&wish("ada")).await.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(write.plugin_request_list(None, 9).await.unwrap(), [second.clone(), first.clone()]);

    first.status = RequestStatus::Declined;
    first.decided_by = Some("system".to_owned());
    first.decided_at = Some(make.instant());
    first.reason = Some("Not now.".to_owned());
    write.plugin_request_put(&first).await.unwrap();
    assert_eq!(write.plugin_request_lookup(&first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(write.plugin_request_list(Some(RequestStatus::Open), 9).await.unwrap(), [second]);
    write.plugin_request_put(&wish("ada")).await.unwrap();
}

/// Of each plugin the newest ones are kept; the list is without the recordings.
pub async fn recorded_calls_are_kept_listed_and_forgotten(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let mut calls = Vec::new();
    for (id, error) in [("a", None), ("b", Some("HOOK_ERROR")), ("a", Some("PLUGIN_CPU_LIMIT")), ("a", None)]
    {
        let call = RecordedCall {
            id: make.ambient.id(),
            plugin_id: plugin(id),
            version: "1.0.0".to_owned(),
            during: "route count".to_owned(),
            error: error.map(str::to_owned),
            at: make.instant(),
            recording: r#"{"moments":[]}"#.to_owned(),
        };
        write.recorded_call_add(&call, 2).await.unwrap();
        calls.push(call);
    }
    assert_eq!(write.recorded_call_lookup(&calls[0].id).await.unwrap(), None);
    assert_eq!(write.recorded_call_lookup(&calls[2].id).await.unwrap().as_ref(), Some(&calls[2]));
    let bare = |index: usize| RecordedCall { recording: String::new(), ..calls[index].clone() };
    assert_eq!(write.recorded_call_list(None, 10).await.unwrap(), [bare(3), bare(2), bare(1)]);
    assert_eq!(write.recorded_call_list(Some(&plugin("a")), 1).await.unwrap(), [bare(3)]);
    write.recorded_call_delete_of(&plugin("a")).await.unwrap();
    assert_eq!(write.recorded_call_list(None, 10).await.unwrap(), [bare(1)]);
}
