//! Each migration once, in order, and all of a start or none.

use emdash_manifest::Migration;
use emdash_ports::plugin_data::PluginDataStore;
use emdash_types::{Error, ErrorCode};

use super::{database, run, stop};
use crate::{place, plugin};

fn migration(name: &str, sql: &str) -> Migration {
    Migration { name: name.to_owned(), sql: sql.to_owned() }
}

fn said(outcome: Result<Vec<String>, Error>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), ErrorCode::MigrationFailed);
    error.message().to_owned()
}

#[test]
fn what_is_new_is_applied_once_and_recorded() {
    let place = place();
    let database = database(&place, "notes");
    let first = migration("0001_start.sql", "CREATE TABLE a (x); CREATE TABLE b (x);");
    let second = migration("0002_more.sql", "INSERT INTO a VALUES ('x;--'); ALTER TABLE b RENAME TO c");
    assert_eq!(database.migrate(std::slice::from_ref(&first), &stop()).unwrap(), ["0001_start.sql"]);
    let both = [first, second];
    assert_eq!(database.migrate(&both, &stop()).unwrap(), ["0002_more.sql"]);
    assert!(database.migrate(&both, &stop()).unwrap().is_empty());
    let names: Vec<_> =
        database.applied().unwrap().into_iter().map(|one| (one.name, one.hash.len())).collect();
    assert_eq!(names, [("0001_start.sql".to_owned(), 64), ("0002_more.sql".to_owned(), 64)]);
    assert_eq!(run(&*database, "SELECT * FROM a").len(), 1);
}

#[test]
fn a_failing_one_leaves_the_database_as_it_was() {
    let place = place();
    let database = database(&place, "notes");
    let good = migration("0001_start.sql", "CREATE TABLE a (x UNIQUE);");
    let bad = migration("0002_bad.sql", "INSERT INTO a VALUES (1);\n-- again\nINSERT INTO a VALUES (1);");
    assert_eq!(
        said(database.migrate(&[good, bad], &stop())),
        "0002_bad.sql, statement 2: D1_ERROR: UNIQUE constraint failed: a.x: SQLITE_CONSTRAINT"
    );
    assert!(database.applied().unwrap().is_empty());
    assert_eq!(run(&*database, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'").len(), 1);
    let out = migration("0001_out.sql", "CREATE TABLE a (x);\nATTACH 'x' AS y;");
    assert_eq!(
        said(database.migrate(&[out], &stop())),
        "0001_out.sql, statement 2: D1_ERROR: ATTACH is not for plugins: SQLITE_AUTH"
    );
}

#[test]
fn what_was_applied_must_stay_as_it_was() {
    let place = place();
    let database = database(&place, "notes");
    let two = [migration("0001_a.sql", "CREATE TABLE a (x)"), migration("0003_c.sql", "CREATE TABLE c (x)")];
    database.migrate(&two, &stop()).unwrap();
    let changed = [two[0].clone(), migration("0003_c.sql", "CREATE TABLE c (y)")];
    let earlier = [two[0].clone(), migration("0002_b.sql", "SELECT 1"), two[1].clone()];
    for (given, words) in [
        (
            &changed[..],
            "0003_c.sql was changed after it was applied. Restore it and put the change into a new file.",
        ),
        (&earlier, "0002_b.sql comes before 0003_c.sql, which was applied already. Give it a later number."),
        (
            &two[..1],
            "0003_c.sql was applied to the database, but this version of the plugin does not have it.",
        ),
    ] {
        assert_eq!(said(database.migrate(given, &stop())), words);
    }
}

#[test]
fn a_snapshot_takes_structure_and_record_back_too() {
    let place = place();
    let database = database(&place, "notes");
    let one = migration("0001_a.sql", "CREATE TABLE a (x)");
    let two = migration("0002_b.sql", "DROP TABLE a");
    database.migrate(std::slice::from_ref(&one), &stop()).unwrap();
    let snapshot = place.store.snapshot(&plugin("notes")).unwrap();
    database.migrate(&[one.clone(), two], &stop()).unwrap();
    place.store.restore(&plugin("notes"), &snapshot).unwrap();
    run(&*database, "INSERT INTO a VALUES (1)");
    assert!(database.migrate(&[one], &stop()).unwrap().is_empty());
    place.store.delete(&plugin("notes")).unwrap();
    assert_eq!(database.applied().unwrap_err().code(), ErrorCode::InvalidState);
    assert!(!place.store.exists(&plugin("notes")).unwrap());
}
