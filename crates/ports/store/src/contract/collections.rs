//! Collections and their tables.

use std::sync::Arc;

use emdash_types::ErrorCode;
use serde_json::json;

use super::Make;
use crate::SiteStore;
use crate::content::FieldKind;

/// Everything about a collection is remembered, fields in editor order.
pub async fn a_collection_reads_back_with_its_fields(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let kinds: Vec<(String, FieldKind)> =
        FieldKind::ALL.iter().enumerate().map(|(place, kind)| (format!("f{place}"), *kind)).collect();
    let fields: Vec<(&str, FieldKind)> = kinds.iter().map(|(slug, kind)| (slug.as_str(), *kind)).collect();
    let everything = make.collection("everything", &fields);
    let mut write = store.write().await.unwrap();
    write.collection_add(&everything).await.unwrap();
    assert_eq!(write.collection_list().await.unwrap(), [everything, posts]);
}

/// A second collection of the name is refused and the first keeps its table.
pub async fn a_taken_name_is_a_conflict(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    let error = write.collection_add(&make.posts()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    write.entry_add(&posts, &make.entry(&posts, "a", json!({}))).await.unwrap();
    assert_eq!(write.collection_list().await.unwrap().len(), 1);
}

/// Field names that are columns already, ours or an engine's, and names an engine would cut.
pub async fn a_reserved_field_name_is_refused(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    for field in ["id", "version", "xmin"] {
        let collection = make.collection("bad", &[(field, FieldKind::String)]);
        let error = write.collection_add(&collection).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ValidationError, "{field}");
    }
    let twice = make.collection("bad", &[("a", FieldKind::String), ("a", FieldKind::Text)]);
    assert_eq!(write.collection_add(&twice).await.unwrap_err().code(), ErrorCode::ValidationError);
    let long = make.collection(&"a".repeat(61), &[]);
    assert_eq!(write.collection_add(&long).await.unwrap_err().code(), ErrorCode::ValidationError);
}

/// Every identifier is quoted.
pub async fn a_field_may_be_named_like_a_keyword(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let collection = make.collection("select", &[("order", FieldKind::String), ("user", FieldKind::Integer)]);
    let mut write = store.write().await.unwrap();
    write.collection_add(&collection).await.unwrap();
    let mut entry = make.entry(&collection, "a", json!({"order": "x", "user": 1}));
    write.entry_add(&collection, &entry).await.unwrap();
    entry.version = 2;
    write.entry_update(&collection, &entry, 1).await.unwrap();
    assert_eq!(write.entry_lookup(&collection, &entry.id, false).await.unwrap(), Some(entry));
}

/// Tables come and go with the transaction.
pub async fn undoing_a_new_collection_leaves_no_table(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    write.collection_add(&make.posts()).await.unwrap();
    drop(write);
    let posts = make.stored_posts(&*store).await;
    make.stored_entry(&*store, &posts, "a", json!({})).await;
}
