//! Files: reopened, killed, damaged, foreign, newer.

use std::path::Path;

use emdash_store::SiteStore;
use emdash_store_sqlite::SqliteSiteStore;
use emdash_types::ErrorCode;
use serde_json::json;

fn refusal(path: &Path) -> emdash_types::Error {
    match SqliteSiteStore::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn committed_changes_survive_reopening_and_uncommitted_ones_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.db");
    let store = SqliteSiteStore::open(&path).unwrap();
    let mut write = store.write().await.unwrap();
    write.option_set("kept", &json!(1)).await.unwrap();
    write.commit().await.unwrap();
    let mut write = store.write().await.unwrap();
    write.option_set("lost", &json!(1)).await.unwrap();
    // As if the process were killed here: the files as they are, opened by another.
    let copy = directory.path().join("copy.db");
    for suffix in ["", "-wal"] {
        std::fs::copy(format!("{}{suffix}", path.display()), format!("{}{suffix}", copy.display())).unwrap();
    }
    drop(write);
    drop(store);
    for path in [path, copy] {
        let store = SqliteSiteStore::open(&path).unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.option_lookup("kept").await.unwrap(), Some(json!(1)));
        assert_eq!(read.option_lookup("lost").await.unwrap(), None);
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.db");
    std::fs::write(&path, "not a database, but long enough to be looked at ".repeat(100)).unwrap();
    let error = refusal(&path);
    assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
    assert!(error.message().contains("site.db"), "{error}");
    assert!(error.hint_text().is_some());
}

#[test]
fn a_damaged_schema_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.db");
    drop(SqliteSiteStore::open(&path).unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(100).take(3000) {
        *byte = 0xA5;
    }
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(refusal(&path).code(), ErrorCode::DatabaseUnusable);
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let error = refusal(&directory.path().join("missing").join("site.db"));
    assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
    assert!(error.message().contains("missing"), "{error}");
}

#[test]
fn a_newer_database_and_an_edited_migration_are_refused() {
    for (change, words) in [
        ("INSERT INTO _emdash_migrations VALUES ('9999_future', 'x')", "9999_future"),
        ("UPDATE _emdash_migrations SET checksum = 'x'", "differs"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("site.db");
        drop(SqliteSiteStore::open(&path).unwrap());
        rusqlite::Connection::open(&path).unwrap().execute_batch(change).unwrap();
        let error = refusal(&path);
        assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn more_readers_than_idle_connections_read_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteSiteStore::open(&directory.path().join("site.db")).unwrap();
    for _ in 0..2 {
        let mut readers = Vec::new();
        for _ in 0..20 {
            readers.push(store.read().await.unwrap());
        }
        for reader in &mut readers {
            assert_eq!(reader.user_count().await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_file_that_breaks_while_in_use_fails_without_naming_itself() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.db");
    let store = SqliteSiteStore::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = store.ping().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
    assert_eq!(error.message(), "The database cannot be used now.");
}
