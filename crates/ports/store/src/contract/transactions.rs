//! What a transaction is.

use std::sync::Arc;

use emdash_types::ErrorCode;
use futures::future::join_all;
use serde_json::json;

use super::Make;
use crate::SiteStore;

/// Without `commit` nothing happened.
pub async fn dropping_a_transaction_undoes_it(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    write.option_set("a", &json!(1)).await.unwrap();
    drop(write);
    assert_eq!(store.write().await.unwrap().option_lookup("a").await.unwrap(), None);
    assert_eq!(store.read().await.unwrap().option_lookup("a").await.unwrap(), None);
}

/// Changes are visible inside at once, outside after the commit.
pub async fn a_transaction_sees_its_own_changes_and_others_do_not(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    write.option_set("a", &json!(1)).await.unwrap();
    assert_eq!(write.option_lookup("a").await.unwrap(), Some(json!(1)));
    assert_eq!(store.read().await.unwrap().option_lookup("a").await.unwrap(), None);
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().option_lookup("a").await.unwrap(), Some(json!(1)));
}

/// A commit in between does not change what a reader sees.
pub async fn a_reader_sees_one_state_throughout(store: Arc<dyn SiteStore>) {
    let mut read = store.read().await.unwrap();
    assert_eq!(read.option_lookup("a").await.unwrap(), None);
    let mut write = store.write().await.unwrap();
    write.option_set("a", &json!(1)).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(read.option_lookup("a").await.unwrap(), None);
}

/// Writing through a read transaction fails and changes nothing.
pub async fn a_reader_cannot_write(store: Arc<dyn SiteStore>) {
    let mut read = store.read().await.unwrap();
    assert!(read.option_set("a", &json!(1)).await.is_err());
    drop(read);
    assert_eq!(store.read().await.unwrap().option_lookup("a").await.unwrap(), None);
}

/// What one writer read holds until it commits: no update is lost.
pub async fn writers_wait_for_each_other(store: Arc<dyn SiteStore>) {
    let increment = || async {
        let mut write = store.write().await.unwrap();
        let value = write.option_lookup("n").await.unwrap().and_then(|value| value.as_i64()).unwrap_or(0);
        tokio::task::yield_now().await;
        write.option_set("n", &json!(value + 1)).await.unwrap();
        tokio::task::yield_now().await;
        write.commit().await.unwrap();
    };
    join_all((0..12).map(|_| increment())).await;
    assert_eq!(store.read().await.unwrap().option_lookup("n").await.unwrap(), Some(json!(12)));
}

/// After a refused row the transaction goes on and what it did before stands.
pub async fn a_conflict_leaves_the_transaction_usable(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    write.user_add(&make.user("a@example.com")).await.unwrap();
    let error = write.user_add(&make.user("a@example.com")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    write.user_add(&make.user("b@example.com")).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().user_count().await.unwrap(), 2);
}

/// U+0000 cannot be stored by every engine, so none takes it, and asking for it is no fault of ours.
pub async fn a_nul_in_a_text_is_refused(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    let error = write.option_set("a\0b", &json!(1)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ValidationError);
    let error = write.user_find_by_email("a\0b").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ValidationError);
    write.option_set("escaped", &json!("a\0b")).await.unwrap();
    assert_eq!(write.option_lookup("escaped").await.unwrap(), Some(json!("a\0b")));
}

/// A store that works says so, also while somebody writes.
pub async fn a_store_answers_a_ping(store: Arc<dyn SiteStore>) {
    store.ping().await.unwrap();
    let write = store.write().await.unwrap();
    store.ping().await.unwrap();
    drop(write);
}
