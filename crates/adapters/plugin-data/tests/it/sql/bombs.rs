//! Statements that ask for more than their share end in time, and the next one works.

use std::time::Duration;

use emdash_manifest::CapabilitySet;
use emdash_ports::plugin_data::PluginDataStore;
use emdash_ports::plugin_database::{DatabaseLimits, Stop};
use emdash_types::ErrorCode;

use super::{LIMITS, database, refusal, run, statement, stop, try_run};
use crate::{place, plugin};

#[test]
fn work_without_end_is_stopped() {
    let place = place();
    let database = database(&place, "notes");
    run(&*database, "CREATE TABLE t (x)");
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";
    for sql in [
        format!("{endless} SELECT count(*) FROM n"),
        format!("{endless} INSERT INTO t SELECT x FROM n"),
        format!("{endless} SELECT count(*) FROM n a, n b"),
        format!("{endless} SELECT x FROM n WHERE x < 0"),
        "WITH RECURSIVE n(x) AS (SELECT zeroblob(1000000) UNION ALL SELECT x FROM n) SELECT x FROM n ORDER BY x".into(),
        "WITH RECURSIVE n(x) AS (SELECT randomblob(900000) UNION SELECT randomblob(900000) FROM n) SELECT count(*) FROM n".into(),
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT json_group_array(printf('%.*c', 1000000, 'x')) FROM n".into(),
    ] {
        let error = refusal(&*database, &sql);
        assert!(matches!(error.code(), ErrorCode::SqlLimit | ErrorCode::QuotaExceeded), "{sql}: {error}");
        assert!(run(&*database, "SELECT * FROM t").is_empty(), "{sql}");
    }
}

#[test]
fn a_value_too_large_is_refused_before_it_is_made() {
    let place = place();
    let database = database(&place, "notes");
    for sql in [
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(1000000000)",
        "SELECT hex(zeroblob(900000))",
        "SELECT printf('%.*c', 1000000000, 'x')",
        "SELECT printf('%1000000000d', 1)",
        "SELECT replace(printf('%.*c', 100000, 'x'), 'x', printf('%.*c', 100000, 'y'))",
        "SELECT group_concat(printf('%.*c', 900000, 'x')) FROM (VALUES (1), (2))",
        "SELECT printf('%.*c', 900000, 'x') || printf('%.*c', 900000, 'x')",
    ] {
        assert_eq!(refusal(&*database, sql).code(), ErrorCode::QuotaExceeded, "{sql}");
    }
}

#[test]
fn texts_that_take_quadratic_time_elsewhere_do_not_here() {
    let place = place();
    let database = database(&place, "notes");
    let long = "printf('%.*c', 1000000, 'a')";
    for sql in [
        format!("SELECT instr({long}, printf('%.*c', 500000, 'a') || 'b')"),
        format!("SELECT length(replace({long}, printf('%.*c', 500000, 'a') || 'b', ''))"),
        format!("SELECT length(trim({long}, printf('%.*c', 500000, 'b') || 'a'))"),
        format!("SELECT {long} LIKE '%a%a%a%a%a%a%a%a%a%a%a%b'"),
        format!("SELECT {long} GLOB '*a*a*a*a*a*a*a*a*a*a*[b]'"),
    ] {
        run(&*database, &sql);
    }
    let pattern = format!("SELECT 'x' LIKE '{}'", "%_".repeat(40));
    assert_eq!(refusal(&*database, &pattern).code(), ErrorCode::SqlError);
}

#[test]
fn statements_of_absurd_shape_are_refused() {
    let place = place();
    let database = database(&place, "notes");
    run(&*database, "CREATE TABLE t (x)");
    let nested = |open: &str, close: &str| format!("SELECT {}1{}", open.repeat(2_000), close.repeat(2_000));
    for sql in [
        nested("-", ""),
        nested("(SELECT ", ")"),
        nested("abs(", ")"),
        format!("SELECT {}", "1,".repeat(500) + "1"),
        format!("SELECT 1 {}", "UNION ALL SELECT 1 ".repeat(500)),
        format!("CREATE TABLE w ({})", (0..500).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",")),
        format!("SELECT * FROM {}", (0..70).map(|n| format!("t AS a{n}")).collect::<Vec<_>>().join(",")),
        format!("SELECT 1 FROM t WHERE x IN ({})", "?,".repeat(200) + "?"),
        format!("SELECT json('{}')", "[".repeat(5_000)),
    ] {
        let error = refusal(&*database, &sql);
        assert_eq!(error.code(), ErrorCode::SqlError, "{error}");
    }
    let huge = format!("SELECT 1 WHERE 1 IN ({})", vec!["1"; 60_000].join(","));
    assert_eq!(refusal(&*database, &huge).code(), ErrorCode::QuotaExceeded);
    assert_eq!(try_run(&*database, "SELECT ?").unwrap_err().code(), ErrorCode::SqlError);
}

#[test]
fn an_answer_too_long_and_a_file_too_large_are_refused() {
    let place = place();
    let limits = DatabaseLimits { total_bytes: 200_000, answer_rows: 50, answer_bytes: 10_000, ..LIMITS };
    let database = place.store.open_database(&plugin("notes"), &CapabilitySet::default(), limits).unwrap();
    let many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 60)";
    assert_eq!(refusal(&*database, &format!("{many} SELECT x FROM n")).code(), ErrorCode::ResponseTooLarge);
    assert_eq!(refusal(&*database, "SELECT hex(zeroblob(9000))").code(), ErrorCode::ResponseTooLarge);
    run(&*database, "CREATE TABLE t (x)");
    let filled = refusal(&*database, &format!("{many} INSERT INTO t SELECT randomblob(9000) FROM n"));
    assert_eq!(filled.code(), ErrorCode::QuotaExceeded, "{filled}");
    assert!(run(&*database, "SELECT * FROM t").is_empty());
    run(&*database, "INSERT INTO t VALUES (1)");
}

#[test]
fn a_call_that_ended_stops_its_statement() {
    let place = place();
    let database = database(&place, "notes");
    let (ended, short) = (stop(), Stop::within(Duration::ZERO));
    ended.say();
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    for (stop, reason) in [(ended, "has ended"), (short, "longer than 0 ms")] {
        let error = database.batch(&[statement(endless)], &stop).unwrap_err();
        assert_eq!(error.code(), ErrorCode::SqlLimit);
        assert!(error.message().contains(reason), "{error}");
    }
}
