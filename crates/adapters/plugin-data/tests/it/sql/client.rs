//! What D1's client reads of an answer.

use emdash_ports::plugin_database::{SqlValue, Statement};
use emdash_types::ErrorCode;

use super::{database, refusal, run, statement, stop, text, try_run};
use crate::place;

#[test]
fn values_come_back_as_they_were_bound() {
    let place = place();
    let database = database(&place, "notes");
    let values = vec![
        SqlValue::Null,
        SqlValue::Integer(i64::MIN),
        SqlValue::Real(0.1),
        text("ü\u{0}'"),
        SqlValue::Blob(vec![0, 255]),
    ];
    let all = Statement { sql: "SELECT ?1 AS a, ?2, ?3, ?4, ?5".into(), values: values.clone() };
    let answer = database.batch(&[all], &stop()).unwrap().statements.remove(0);
    assert_eq!(answer.rows, [values]);
    assert_eq!(answer.columns[..2], ["a", "?2"]);
}

#[test]
fn an_answer_counts_what_happened() {
    let place = place();
    let database = database(&place, "notes");
    let made = try_run(&*database, "CREATE TABLE t (id INTEGER PRIMARY KEY, x UNIQUE)").unwrap();
    assert!(made.changed && made.rows_written == 0);
    let inserted = try_run(&*database, "INSERT INTO t (x) VALUES ('a'), ('b') RETURNING id").unwrap();
    assert_eq!((inserted.changes, inserted.last_row_id, inserted.rows.len()), (2, 2, 2));
    let read = try_run(&*database, "SELECT count(*) FROM t WHERE x > ''").unwrap();
    assert_eq!((read.changes, read.changed), (0, false));
    let nothing = try_run(&*database, "DELETE FROM t WHERE id = 7").unwrap();
    assert_eq!(nothing.changes, 0);
}

#[test]
fn failures_read_like_d1s() {
    let place = place();
    let database = database(&place, "notes");
    run(&*database, "CREATE TABLE t (x UNIQUE)");
    run(&*database, "INSERT INTO t VALUES (1)");
    for (sql, words) in [
        ("INSERT INTO t VALUES (1)", "D1_ERROR: UNIQUE constraint failed: t.x: SQLITE_CONSTRAINT"),
        ("SELECT * FROM missing", "D1_ERROR: no such table: missing: SQLITE_ERROR"),
        ("SELEC", "D1_ERROR: SELEC is not for plugins: SQLITE_AUTH"),
        ("SELECT FROM", "D1_ERROR: near \"FROM\": syntax error at offset 7: SQLITE_ERROR"),
        ("ATTACH 'x' AS y", "D1_ERROR: ATTACH is not for plugins: SQLITE_AUTH"),
    ] {
        assert_eq!(refusal(&*database, sql).message(), words);
    }
    let error = database.batch(&[statement("SELECT ?, ?")], &stop()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::SqlError);
}
