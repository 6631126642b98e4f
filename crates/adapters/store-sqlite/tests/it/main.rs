//! The contract suite on SQLite, and what only a file can do.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod file;

use std::sync::Arc;

use emdash_store::{PlatformStore, SiteStore};
use emdash_store_sqlite::{SqlitePlatformStore, SqliteSiteStore};
use tempfile::TempDir;

async fn fresh_site() -> (Arc<dyn SiteStore>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteSiteStore::open(&directory.path().join("site.db")).unwrap();
    (store, directory)
}

async fn fresh_platform() -> (Arc<dyn PlatformStore>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePlatformStore::open(&directory.path().join("platform.db")).unwrap();
    (store, directory)
}

emdash_store::site_contract!(fresh_site());
emdash_store::platform_contract!(fresh_platform());
