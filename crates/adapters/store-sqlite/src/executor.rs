//! Statements on one connection, and what SQLite's errors mean.

use async_trait::async_trait;
use emdash_store_sql::{Dialect, Executor, Row, SqlError, UniqueViolation, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, ffi};
use tokio::sync::OwnedMutexGuard;

use crate::database::Lease;

/// An open transaction on a connection that is ours until it is dropped. Statements run on the calling task: they
/// are short, and a hand-over to another thread costs more than most of them.
pub(crate) struct SqliteExecutor {
    connection: OwnedMutexGuard<Connection>,
    /// Returns a reader to its pool; dropped after the guard.
    _lease: Option<Lease>,
}

impl SqliteExecutor {
    /// Begins a transaction with `BEGIN IMMEDIATE` or `BEGIN DEFERRED`.
    pub(crate) fn begin(
        connection: OwnedMutexGuard<Connection>,
        lease: Option<Lease>,
        begin: &str,
    ) -> Result<Self, SqlError> {
        connection
            .prepare_cached(begin)
            .and_then(|mut statement| statement.execute([]))
            .map_err(sql_error)?;
        Ok(Self { connection, _lease: lease })
    }

    fn run(&self, sql: &str, values: &[Value]) -> rusqlite::Result<u64> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let changed = statement.execute(rusqlite::params_from_iter(values.iter().map(Bound)))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn read(&self, sql: &str, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(values.iter().map(Bound)))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(match row.get_ref(column)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => Value::Integer(number),
                    ValueRef::Real(number) => Value::Real(number),
                    ValueRef::Text(bytes) => Value::Text(std::str::from_utf8(bytes)?.to_owned()),
                    ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
                });
            }
            rows.push(values);
        }
        Ok(rows)
    }
}

impl Drop for SqliteExecutor {
    fn drop(&mut self) {
        if !self.connection.is_autocommit()
            && let Ok(mut rollback) = self.connection.prepare_cached("ROLLBACK")
        {
            // A failure leaves the connection in a transaction; whoever takes it next sees that and mends it.
            rollback.execute([]).ok();
        }
    }
}

#[async_trait]
impl Executor for SqliteExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError> {
        self.run(sql, values).map_err(sql_error)
    }

    async fn attempt(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError> {
        // A refused statement leaves no trace and the transaction open, by itself.
        self.run(sql, values).map_err(sql_error)
    }

    async fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.read(sql, values).map_err(sql_error)
    }

    async fn commit(self: Box<Self>) -> Result<(), SqlError> {
        self.run("COMMIT", &[]).map(|_| ()).map_err(sql_error)
    }
}

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What an error of SQLite means to the repositories.
pub(crate) fn sql_error(error: rusqlite::Error) -> SqlError {
    if let rusqlite::Error::SqliteFailure(failure, message) = &error {
        let unique = [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
        if unique.contains(&failure.extended_code) {
            return SqlError::Unique(violation(message.as_deref().unwrap_or_default()));
        }
        if matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::CannotOpen
        ) {
            return SqlError::Unusable(error.into());
        }
    }
    SqlError::Other(error.into())
}

/// Reads `UNIQUE constraint failed: users.email, users.name`.
fn violation(message: &str) -> UniqueViolation {
    let list = message.rsplit_once(": ").map_or(message, |(_, list)| list);
    let column = |item: &str| item.rsplit_once('.').map_or(item, |(_, column)| column).to_owned();
    UniqueViolation::Columns(list.split(", ").map(column).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_violation_names_its_columns() {
        assert!(violation("UNIQUE constraint failed: users.email").is(&["email"], ""));
        let two = violation("UNIQUE constraint failed: ec_posts.slug, ec_posts.locale");
        assert!(two.is(&["slug", "locale"], "") && !two.is(&["slug"], ""));
    }
}
