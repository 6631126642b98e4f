//! The known ways out of a database, each refused and on record, and nothing changed by it.

use emdash_ports::plugin_data::PluginDataStore;
use emdash_types::ErrorCode;
use proptest::prelude::*;

use super::{database, refusal, run, statement, stop, text, try_run};
use crate::{open, place, plugin};

/// Reaches for files, settings, other schemas, our tables, or what no plugin needs.
const REFUSED: &[&str] = &[
    "ATTACH 'other.d1.db' AS other",
    "ATTACH ':memory:' AS other",
    "ATTACH 'file:x?mode=rwc' AS other",
    "-- innocent\n/* words */ ATTACH 'x' AS y",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO '/tmp/stolen.db'",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = OFF",
    "PRAGMA main.journal_mode = DELETE",
    "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA data_store_directory = '/tmp'",
    "PRAGMA database_list",
    "PRAGMA table_list",
    "PRAGMA function_list",
    "PRAGMA module_list",
    "PRAGMA mmap_size = 1000000",
    "PRAGMA max_page_count = 100000000",
    "PRAGMA trusted_schema = ON",
    "PRAGMA schema_version = 1",
    "PRAGMA user_version = 1",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cell_size_check = OFF",
    "PRAGMA temp.table_info('sqlite_schema')",
    "PRAGMA wal_checkpoint",
    "PRAGMA optimize",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_table_list",
    "SELECT * FROM pragma_table_info('t')",
    "SELECT * FROM dbstat",
    "SELECT * FROM sqlite_temp_schema",
    "SELECT * FROM temp.sqlite_master",
    "SELECT load_extension('/tmp/x.so')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT sqlite_compileoption_get(0)",
    "SELECT sqlite_rename_table('a', 'b', 'c', 'd', 'e', 'f', 0)",
    "SELECT rtreecheck('t')",
    "SELECT json_patch('{}', '{}')",
    "CREATE VIRTUAL TABLE x USING fts5(a)",
    "CREATE VIRTUAL TABLE x USING fts3(a)",
    "CREATE VIRTUAL TABLE x USING rtree(a, b, c)",
    "CREATE VIRTUAL TABLE x USING dbstat",
    "CREATE TEMP TABLE x (a)",
    "CREATE TABLE temp.x (a)",
    "CREATE TEMP VIEW x AS SELECT 1",
    "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
    "CREATE TABLE core_posts (a)",
    "CREATE VIEW CORE_users AS SELECT 1",
    "CREATE TABLE _emdash_things (a)",
    "INSERT INTO _emdash_migrations VALUES ('x', 'y', 1)",
    "UPDATE _emdash_migrations SET hash = ''",
    "DELETE FROM _EMDASH_migrations",
    "DROP TABLE _emdash_migrations",
    "ALTER TABLE _emdash_migrations RENAME TO mine",
    "CREATE TRIGGER x AFTER INSERT ON _emdash_migrations BEGIN SELECT 1; END",
    "CREATE INDEX x ON _emdash_migrations (hash)",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT a",
    "RELEASE a",
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY PLAN SELECT 1",
    "ANALYZE",
    "REINDEX",
    "SELECT 1; SELECT 2",
    "SELECT 1; ATTACH 'x' AS y",
    "SELECT 1;\u{0}",
    "SELECT '\u{0}'",
    "",
    "-- nothing",
    ";",
    "\u{feff}SELECT 1",
];

/// Mistakes rather than attempts; they fail all the same.
const FAILING: &[&str] = &[
    "SELECT edit('x')",
    "SELECT writefile('/tmp/x', 'x')",
    "SELECT readfile('/etc/passwd')",
    "UPDATE sqlite_schema SET sql = ''",
    "DELETE FROM sqlite_master",
    "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 2, 'CREATE TABLE x (a)')",
    "SELECT * FROM core.users",
    "SELECT * FROM other.t",
    "SELECT * FROM _plugin_kv",
    "SELECT * FROM _plugin_storage",
    "SELECT \"no such column\" FROM t",
    "CREATE TABLE x (a CHECK (a <> \"words\"))",
    "SELECT 'a' REGEXP 'a'",
    "SELECT * FROM sqlite_dbpage",
    "SELECT * FROM t WHERE t MATCH 'x'",
    "SELEKT 1",
];

#[test]
fn every_known_way_out_is_closed() {
    let place = place();
    open(&place, &[]).kv_set("secret", "\"of the keys\"").unwrap();
    let other = database(&place, "other");
    run(&*other, "CREATE TABLE t (secret)");
    run(&*other, "INSERT INTO t VALUES ('of the other')");
    let database = database(&place, "notes");
    run(&*database, "CREATE TABLE t (x)");
    let before = run(&*database, "SELECT name, sql FROM sqlite_schema");
    let mut otherwise = Vec::new();
    for sql in REFUSED {
        let error = refusal(&*database, sql);
        if error.code() != ErrorCode::SqlRefused || !error.message().starts_with("D1_ERROR: ") {
            otherwise.push(format!("{sql}: {error}"));
        }
    }
    assert!(otherwise.is_empty(), "{otherwise:#?}");
    for sql in FAILING {
        let error = refusal(&*database, sql);
        assert!(matches!(error.code(), ErrorCode::SqlError | ErrorCode::SqlRefused), "{sql}: {error}");
    }
    assert_eq!(run(&*database, "SELECT name, sql FROM sqlite_schema"), before);
    assert_eq!(run(&*other, "SELECT secret FROM t"), [[text("of the other")]]);
    let files: Vec<_> = std::fs::read_dir(place.directory.path().join("plugins")).unwrap().collect();
    assert!(files.len() <= 9, "{files:?}");
}

#[test]
fn a_refused_statement_undoes_its_whole_batch_and_leaves_nothing_open() {
    let place = place();
    let database = database(&place, "notes");
    run(&*database, "CREATE TABLE t (x PRIMARY KEY)");
    let batch = ["INSERT INTO t VALUES (1)", "INSERT OR ROLLBACK INTO t VALUES (1)"].map(statement);
    assert_eq!(database.batch(&batch, &stop()).unwrap_err().code(), ErrorCode::SqlError);
    let batch = ["INSERT INTO t VALUES (2)", "COMMIT"].map(statement);
    assert_eq!(database.batch(&batch, &stop()).unwrap_err().code(), ErrorCode::SqlRefused);
    assert!(run(&*database, "SELECT * FROM t").is_empty());
    run(&*database, "INSERT INTO t VALUES (3)");
    let changed = ["SELECT * FROM t", "DROP TABLE t", "CREATE TABLE t (y)", "SELECT y FROM t"].map(statement);
    database.batch(&changed, &stop()).unwrap();
}

#[test]
fn ordinary_structure_can_be_made_and_changed() {
    let place = place();
    let database = database(&place, "notes");
    let script = "
        CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, g AS (upper(name)) STORED);
        CREATE UNIQUE INDEX a_name ON a (name) WHERE name IS NOT NULL;
        CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id) ON DELETE CASCADE) STRICT;
        CREATE VIEW v AS SELECT a.name, count(b.id) AS n FROM a LEFT JOIN b ON b.a_id = a.id GROUP BY a.id;
        CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b (a_id) VALUES (NEW.id); END;
        INSERT INTO a (name) VALUES ('x;y'), ('z');
        ALTER TABLE a ADD COLUMN extra TEXT DEFAULT 'none';
        ALTER TABLE a RENAME COLUMN extra TO more;
        ALTER TABLE b RENAME TO c;
        ALTER TABLE a DROP COLUMN more;
        DROP INDEX a_name;
        REPLACE INTO a (id, name) VALUES (9, 'q') /* the end */; -- really
    ";
    assert_eq!(database.script(script, &stop()).unwrap(), 12);
    run(&*database, "PRAGMA foreign_key_check(c)");
    assert_eq!(run(&*database, "PRAGMA table_info(c)").len(), 2);
    assert_eq!(
        run(&*database, "SELECT json_extract('{\"a\":[1]}', '$.a[0]') || trim('xxaxx', 'x')"),
        [[text("1a")]]
    );
    assert_eq!(run(&*database, "SELECT replace('a-b', '-', '+') || instr('äb', 'b')"), [[text("a+b2")]]);
}

fn fragment() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("SELECT * FROM"),
        Just("INSERT INTO"),
        Just("UPDATE"),
        Just("SET secret = 1"),
        Just("DELETE FROM"),
        Just("DROP TABLE"),
        Just("ALTER TABLE"),
        Just("RENAME TO"),
        Just("CREATE TABLE"),
        Just("CREATE TRIGGER x AFTER INSERT ON"),
        Just("CREATE TEMP VIEW"),
        Just("AS SELECT"),
        Just("WITH"),
        Just("AS ("),
        Just(")"),
        Just("ATTACH"),
        Just("'other.d1.db'"),
        Just("PRAGMA"),
        Just("writable_schema = 1"),
        Just("VALUES (1)"),
        Just("other"),
        Just("main"),
        Just("."),
        Just("t"),
        Just("keep"),
        Just("sqlite_schema"),
        Just("_emdash_migrations"),
        Just(";"),
        Just("--"),
        Just("/*"),
        Just("*/"),
        Just("'"),
        Just("\""),
        Just("`"),
        Just("["),
        Just("]"),
        Just("BEGIN"),
        Just("END"),
        Just("VACUUM INTO"),
        Just("EXPLAIN"),
        Just("core"),
        Just("users"),
        Just("*"),
        Just(","),
        Just("1"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_plugin_writes_the_others_file_stays_as_it_is(words in prop::collection::vec(fragment(), 1..12)) {
        let place = place();
        let other = database(&place, "other");
        run(&*other, "CREATE TABLE t (secret)");
        let path = place.directory.path().join("plugins");
        let _ = other.size();
        let before = std::fs::read(path.join("other.d1.db")).unwrap();
        let database = database(&place, "notes");
        run(&*database, "CREATE TABLE keep (secret)");
        let sql = words.join(" ");
        let _ = try_run(&*database, &sql);
        let _ = database.script(&sql, &stop());
        prop_assert!(std::fs::read(path.join("other.d1.db")).unwrap() == before);
        prop_assert_eq!(run(&*other, "SELECT count(*) FROM t").len(), 1);
        prop_assert!(database.applied().unwrap().is_empty());
        for entry in std::fs::read_dir(&path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            prop_assert!(name.starts_with("other.d1.db") || name.starts_with("notes.d1.db"), "{}", name);
        }
        prop_assert!(place.store.exists(&plugin("other")).unwrap());
    }
}
