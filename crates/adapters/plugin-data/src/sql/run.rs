//! Running one statement within its limits.

use std::time::Instant;

use emdash_ports::plugin_database::{DatabaseLimits, SqlValue, Statement, StatementAnswer};
use emdash_types::{Error, ErrorCode};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Batch, Connection, StatementStatus, ToSql};

use super::fault::Fault;
use super::guard::{Guard, Speaker, speaker_of};

/// What is left of an answer.
pub struct Room {
    rows: usize,
    bytes: usize,
    limits: DatabaseLimits,
}

impl Room {
    pub fn new(limits: &DatabaseLimits) -> Self {
        Self { rows: 0, bytes: 0, limits: *limits }
    }

    fn take(&mut self, row: &[SqlValue]) -> Result<(), Fault> {
        self.rows += 1;
        self.bytes = row.iter().fold(self.bytes, |sum, value| sum.saturating_add(weight(value)));
        let (rows, bytes) = (self.limits.answer_rows, self.limits.answer_bytes);
        let what = match (self.rows > rows, self.bytes > bytes) {
            (false, false) => return Ok(()),
            (true, _) => format!("more than {rows} rows"),
            (false, true) => format!("more than {bytes} bytes"),
        };
        let message = format!("D1_ERROR: The answer has {what}. Ask for less at once, with LIMIT.");
        Err(Fault::Said(Error::new(ErrorCode::ResponseTooLarge, message)))
    }
}

/// Bytes of a value as it travels.
fn weight(value: &SqlValue) -> usize {
    8 + match value {
        SqlValue::Null | SqlValue::Integer(_) | SqlValue::Real(_) => 8,
        SqlValue::Text(text) => text.len(),
        SqlValue::Blob(bytes) => bytes.len() / 3 * 4 + 4,
    }
}

/// A bound value, borrowed.
struct Bound<'v>(&'v SqlValue);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            SqlValue::Null => ValueRef::Null,
            SqlValue::Integer(number) => ValueRef::Integer(*number),
            SqlValue::Real(number) => ValueRef::Real(*number),
            SqlValue::Text(text) => ValueRef::Text(text.as_bytes()),
            SqlValue::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn read(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Integer(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(bytes) => SqlValue::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_vec()),
    }
}

/// Runs a statement of a plugin.
pub fn statement(
    connection: &Connection,
    guard: &Guard,
    statement: &Statement,
    room: &mut Room,
) -> Result<StatementAnswer, Fault> {
    let began = Instant::now();
    let most = room.limits.statement_bytes;
    if statement.sql.len() > most {
        return Err(too_long(statement.sql.len(), most));
    }
    guard.speak(speaker_of(&statement.sql).map_err(Fault::Refused)?);
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    let wanted = prepared.parameter_count();
    if wanted != statement.values.len() {
        let message = format!(
            "D1_ERROR: Wrong number of parameter bindings for SQL query: it takes {wanted}, {} are bound.",
            statement.values.len()
        );
        return Err(Fault::Said(Error::new(ErrorCode::SqlError, message)));
    }
    for (position, value) in (1_usize..).zip(&statement.values) {
        prepared.raw_bind_parameter(position, Bound(value))?;
    }
    let columns: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let before = connection.total_changes();
    let mut answers = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns.len()).map(|column| row.get_ref(column).map(read));
        let values: Vec<SqlValue> = values.collect::<Result<_, _>>()?;
        room.take(&values)?;
        answers.push(values);
    }
    drop(rows);
    let rows_written = connection.total_changes().saturating_sub(before);
    let scanned = u64::try_from(prepared.reset_status(StatementStatus::FullscanStep)).unwrap_or_default();
    Ok(StatementAnswer {
        changes: if rows_written > 0 { connection.changes() } else { 0 },
        last_row_id: connection.last_insert_rowid(),
        rows_read: scanned.max(answers.len() as u64),
        rows_written,
        changed: rows_written > 0 || (!prepared.readonly() && columns.is_empty()),
        columns,
        rows: answers,
        duration: began.elapsed(),
    })
}

/// Runs a script's statements; calls back before each with its number, from one. Says how many there were.
pub fn script(
    connection: &Connection,
    guard: &Guard,
    sql: &str,
    limits: &DatabaseLimits,
    mut reached: impl FnMut(u64),
) -> Result<u64, Fault> {
    let mut rest = behind_blanks(sql);
    let mut count = 0;
    while !rest.is_empty() {
        count += 1;
        reached(count);
        if count > limits.statements as u64 {
            let message = format!("D1_ERROR: A script has at most {} statements.", limits.statements);
            return Err(Fault::Said(Error::new(ErrorCode::QuotaExceeded, message)));
        }
        guard.speak(speaker_of(rest).map_err(Fault::Refused)?);
        let Some(mut prepared) = Batch::new(connection, rest).next()? else { break };
        // Without values this is the statement's own text, as far as it goes.
        let text = prepared.expanded_sql().unwrap_or_default();
        if prepared.parameter_count() > 0 || text.is_empty() || !rest.starts_with(&text) {
            let message = "D1_ERROR: A script takes no values; use prepare() and bind().";
            return Err(Fault::Said(Error::new(ErrorCode::SqlError, message)));
        }
        if text.len() > limits.statement_bytes {
            return Err(too_long(text.len(), limits.statement_bytes));
        }
        let mut rows = prepared.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        guard.speak(Speaker::Plugin);
        rest = behind_blanks(rest.get(text.len()..).unwrap_or_default());
    }
    Ok(count)
}

/// What follows white space, comments and lone semicolons.
fn behind_blanks(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}', ';']);
        rest = match rest.get(..2) {
            Some("--") => rest.split_once('\n').map_or("", |(_, behind)| behind),
            Some("/*") => rest[2..].split_once("*/").map_or("", |(_, behind)| behind),
            _ => rest,
        };
        if rest.len() == before {
            return rest;
        }
    }
}

fn too_long(used: usize, most: usize) -> Fault {
    let message = format!("D1_ERROR: The statement has {used} bytes; the limit is {most}: SQLITE_TOOBIG");
    Fault::Said(Error::new(ErrorCode::QuotaExceeded, message))
}
