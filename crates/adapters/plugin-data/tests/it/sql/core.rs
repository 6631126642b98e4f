//! Views of the core: what is granted, read-only, and no way around them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use emdash_manifest::{Capability, CapabilitySet};
use emdash_plugin_data::SqlitePluginData;
use emdash_ports::plugin_data::PluginDataStore;
use emdash_ports::plugin_database::{CoreView, CoreViews, PluginDatabase};
use emdash_types::testing::ambient;
use emdash_types::{ErrorCode, Result};
use rusqlite::Connection;

use super::{LIMITS, refusal, run, text};
use crate::plugin;

struct Views(PathBuf);

impl CoreViews for Views {
    fn file(&self) -> &Path {
        &self.0
    }

    fn views(&self, granted: &CapabilitySet) -> Result<Vec<CoreView>> {
        let view = |name: &str, query: &str| CoreView { name: name.into(), query: query.into() };
        Ok(match granted.contains(Capability::ContentRead) {
            true => vec![
                view("core_posts", "SELECT id, title FROM core.ec_posts WHERE deleted = 0"),
                view("core_pages", "SELECT id FROM core.ec_pages WHERE id IS NOT NULL"),
            ],
            false => Vec::new(),
        })
    }
}

struct Site {
    directory: tempfile::TempDir,
    core: Connection,
    store: SqlitePluginData,
}

fn site() -> Site {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.db");
    let core = Connection::open(&path).unwrap();
    core.execute_batch(
        "PRAGMA journal_mode = WAL; CREATE TABLE users (email, hash); INSERT INTO users VALUES ('a@b.c', 'SECRET');
         CREATE TABLE ec_posts (id, title, deleted, author_id); CREATE TABLE ec_pages (id);
         INSERT INTO ec_posts VALUES (1, 'One', 0, 'SECRET'), (2, 'SECRET', 1, 'SECRET');",
    )
    .unwrap();
    let store = SqlitePluginData::new(directory.path().join("plugins"), ambient(1).0)
        .with_core(Arc::new(Views(path)));
    Site { directory, core, store }
}

fn with(site: &Site, id: &str, capabilities: &[Capability]) -> Arc<dyn PluginDatabase> {
    let granted: CapabilitySet = capabilities.iter().copied().collect();
    site.store.open_database(&plugin(id), &granted, LIMITS).unwrap()
}

#[test]
fn views_show_what_is_granted_and_follow_the_core() {
    let site = site();
    let reader = with(&site, "reader", &[Capability::ContentRead]);
    assert_eq!(run(&*reader, "SELECT title FROM core_posts"), [[text("One")]]);
    run(
        &*reader,
        "CREATE TABLE mine AS SELECT title, (SELECT count(*) FROM core_pages) AS n FROM core_posts",
    );
    site.core.execute_batch("INSERT INTO ec_posts VALUES (3, 'Three', 0, '')").unwrap();
    assert_eq!(run(&*reader, "SELECT count(*) + 0 FROM core_posts AS p JOIN mine ON 1").len(), 1);
    site.core.execute_batch("ALTER TABLE ec_pages ADD COLUMN more; CREATE TABLE later (x)").unwrap();
    assert_eq!(run(&*reader, "SELECT title FROM core_posts WHERE id = 3"), [[text("Three")]]);

    let nobody = with(&site, "nobody", &[]);
    assert_eq!(refusal(&*nobody, "SELECT * FROM core_posts").code(), ErrorCode::SqlError);
    let less = with(&site, "reader", &[]);
    assert_eq!(refusal(&*less, "SELECT * FROM core_posts").code(), ErrorCode::SqlError);
}

#[test]
fn no_alias_reaches_behind_a_view_and_nothing_changes_the_core() {
    let site = site();
    let database = with(&site, "reader", &[Capability::ContentRead]);
    run(&*database, "CREATE TABLE t (x)");
    run(&*database, "SELECT * FROM core_posts");
    let before = std::fs::read(site.directory.path().join("site.db")).unwrap();
    for sql in [
        "SELECT * FROM users",
        "SELECT * FROM core.users",
        "SELECT 1 FROM core.users",
        "SELECT count(*) FROM core.ec_posts",
        "SELECT title FROM ec_posts",
        "WITH core_posts AS (SELECT * FROM core.users) SELECT * FROM core_posts",
        "WITH core_posts AS (SELECT * FROM core.ec_posts) SELECT * FROM core_posts",
        "WITH core_posts AS (SELECT title FROM ec_posts) SELECT * FROM core_posts",
        "WITH core_posts(a) AS (SELECT hash FROM users) SELECT a FROM core_posts",
        "SELECT * FROM (SELECT hash FROM users) AS core_posts",
        "SELECT (SELECT hash FROM users) FROM core_posts",
        "SELECT author_id FROM core_posts",
        "SELECT core_posts.rowid FROM core_posts, users",
        "CREATE TABLE stolen AS SELECT * FROM users",
        "CREATE VIEW core_posts AS SELECT * FROM core.users",
        "CREATE TEMP VIEW mine AS SELECT * FROM core.users",
        "SELECT * FROM sqlite_temp_schema",
        "SELECT sql FROM temp.sqlite_schema",
        "SELECT sql FROM core.sqlite_schema",
        "SELECT * FROM pragma_table_info('users')",
        "PRAGMA table_info(users)",
        "PRAGMA core.table_info(users)",
        "PRAGMA table_info('USERS')",
        "PRAGMA foreign_key_check",
        "INSERT INTO users VALUES (1, 2)",
        "INSERT INTO core.users VALUES (1, 2)",
        "INSERT INTO core_posts VALUES (1, 2)",
        "UPDATE core.ec_posts SET title = 'x'",
        "UPDATE core_posts SET title = 'x'",
        "DELETE FROM core.users",
        "DROP TABLE core.users",
        "DROP VIEW core_posts",
        "ALTER TABLE core.users RENAME TO x",
        "CREATE TABLE core.x (a)",
        "CREATE INDEX core.x ON users (email)",
        "CREATE TRIGGER core.x AFTER INSERT ON users BEGIN SELECT 1; END",
        "CREATE TRIGGER x INSTEAD OF INSERT ON core_posts BEGIN SELECT 1; END",
        "DETACH core",
    ] {
        let error = refusal(&*database, sql);
        assert!(matches!(error.code(), ErrorCode::SqlRefused | ErrorCode::SqlError), "{sql}: {error}");
        assert!(!error.message().contains("SECRET"), "{sql}: {error}");
        let hidden = error.message().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.len() == 33);
        assert!(!hidden, "the name of a hidden view: {error}");
    }
    // A view of its own, resolved where it is read, is no way either.
    for sql in [
        "CREATE VIEW v AS SELECT * FROM users",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT hash FROM users; END",
    ] {
        let _ = super::try_run(&*database, sql);
    }
    assert!(super::try_run(&*database, "SELECT * FROM v").is_err());
    let _ = super::try_run(&*database, "INSERT INTO t VALUES (1)");
    for sql in ["DROP VIEW v", "DROP TRIGGER r"] {
        let _ = super::try_run(&*database, sql);
    }
    run(&*database, "ALTER TABLE t RENAME TO u");
    assert_eq!(std::fs::read(site.directory.path().join("site.db")).unwrap(), before);
    let users: i64 = site.core.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
    assert_eq!(users, 1);
}
