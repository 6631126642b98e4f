//! Options, audit, imports.

use std::sync::Arc;

use serde_json::json;

use super::Make;
use crate::SiteStore;
use crate::operations::AuditRecord;

/// Any JSON is a value.
pub async fn options_are_set_and_forgotten(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    for value in [json!(null), json!(true), json!("x"), json!({"b": 1, "a": [1.5]})] {
        write.option_set("site:title", &value).await.unwrap();
        assert_eq!(write.option_lookup("site:title").await.unwrap(), Some(value));
    }
    assert!(write.option_delete("site:title").await.unwrap());
    assert!(!write.option_delete("site:title").await.unwrap());
    assert_eq!(write.option_lookup("site:title").await.unwrap(), None);
}

/// `_` and `%` stand for themselves, and case matters.
pub async fn an_option_prefix_is_no_pattern(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    for name in ["a_b:1", "a_b:日", "axb:1", "A_B:1", "a%b", "a_b", "a_", "b"] {
        write.option_set(name, &json!(name)).await.unwrap();
    }
    for (prefix, expected) in [
        ("a_b:", &["a_b:1", "a_b:日"][..]),
        ("a%", &["a%b"]),
        ("a_b", &["a_b", "a_b:1", "a_b:日"]),
        ("c", &[]),
    ] {
        let found = write.option_list(prefix).await.unwrap();
        assert!(
            found.iter().map(|(name, _)| name.as_str()).eq(expected.iter().copied()),
            "{prefix}: {found:?}"
        );
        assert!(found.iter().all(|(name, value)| value == name));
    }
    assert_eq!(write.option_list("").await.unwrap().len(), 8);
}

/// What was appended comes back.
pub async fn the_audit_log_is_newest_first(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let mut added = Vec::new();
    for resource in ["posts/01M7", "settings", "a/b/c"] {
        let record = AuditRecord {
            id: make.ambient.id(),
            at: make.instant(),
            actor: "user:01A".to_owned(),
            action: "content.publish".to_owned(),
            resource: resource.to_owned(),
            details: json!({"from": null}),
        };
        write.audit_add(&record).await.unwrap();
        added.insert(0, record);
    }
    assert_eq!(write.audit_list(9).await.unwrap(), added);
    assert_eq!(write.audit_list(1).await.unwrap(), added[..1]);
}

/// Per source and kind; the last id counts.
pub async fn the_import_map_remembers(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    for (source, kind, external, ours) in [
        ("wp", "post", "1", "A"),
        ("wp", "post", "2", "B"),
        ("wp", "term", "1", "C"),
        ("wp", "post", "1", "D"),
    ] {
        write.import_put(source, kind, external, ours).await.unwrap();
    }
    assert_eq!(write.import_lookup("wp", "post", "1").await.unwrap().as_deref(), Some("D"));
    assert_eq!(write.import_lookup("other", "post", "1").await.unwrap(), None);
    let pairs = [("1", "D"), ("2", "B")].map(|(external, ours)| (external.to_owned(), ours.to_owned()));
    assert_eq!(write.import_list("wp", "post").await.unwrap(), pairs);
}
