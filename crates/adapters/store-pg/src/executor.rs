//! Statements on one pooled connection, and what PostgreSQL's errors mean.

use async_trait::async_trait;
use deadpool_postgres::Object;
use emdash_store_sql::{Dialect, Executor, Row, SqlError, UniqueViolation, Value};
use futures::FutureExt;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::values::{Bound, values};

/// An open transaction on a connection that is ours until it is dropped.
pub(crate) struct PgExecutor {
    client: Object,
    open: bool,
    /// A statement failed or was given up halfway: the server will not commit, and would not say so.
    broken: bool,
}

impl PgExecutor {
    /// Begins a transaction with the given statements.
    pub(crate) async fn begin(client: Object, begin: &str) -> Result<Self, SqlError> {
        let executor = Self { client, open: true, broken: false };
        executor.client.batch_execute(begin).await.map_err(sql_error)?;
        Ok(executor)
    }

    async fn run(&self, sql: &str, values: &[Value]) -> Result<u64, tokio_postgres::Error> {
        let statement = self.client.prepare_cached(&placeholders(sql)).await?;
        self.client.execute_raw(&statement, values.iter().map(Bound)).await
    }

    /// Sends a statement without waiting for its answer; the connection keeps the order.
    fn send(&self, sql: &str) {
        self.client.batch_execute(sql).now_or_never();
    }
}

/// `?1` is `$1` here; no statement has a `?` of its own.
fn placeholders(sql: &str) -> String {
    sql.replace('?', "$")
}

impl Drop for PgExecutor {
    fn drop(&mut self) {
        if self.open {
            self.send("ROLLBACK");
        }
    }
}

#[async_trait]
impl Executor for PgExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError> {
        self.broken = true;
        let changed = self.run(sql, values).await.map_err(sql_error)?;
        self.broken = false;
        Ok(changed)
    }

    async fn attempt(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError> {
        self.broken = true;
        let statement = self.client.prepare_cached(&placeholders(sql)).await.map_err(sql_error)?;
        // Both go out at once; the release too, so a savepoint costs no round trip.
        let (saved, outcome) = futures::join!(
            self.client.batch_execute("SAVEPOINT attempt"),
            self.client.execute_raw(&statement, values.iter().map(Bound)),
        );
        saved.map_err(sql_error)?;
        match outcome {
            Ok(changed) => {
                self.send("RELEASE SAVEPOINT attempt");
                self.broken = false;
                Ok(changed)
            }
            Err(error) => {
                let back = "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt";
                self.client.batch_execute(back).await.map_err(sql_error)?;
                self.broken = false;
                Err(sql_error(error))
            }
        }
    }

    async fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.broken = true;
        let statement = self.client.prepare_cached(&placeholders(sql)).await.map_err(sql_error)?;
        let bound: Vec<Bound<'_>> = parameters.iter().map(Bound).collect();
        let bound: Vec<&(dyn ToSql + Sync)> =
            bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self.client.query(&statement, &bound).await.map_err(sql_error)?;
        self.broken = false;
        rows.iter().map(|row| values(row).map_err(SqlError::Other)).collect()
    }

    async fn commit(mut self: Box<Self>) -> Result<(), SqlError> {
        if self.broken {
            return Err(SqlError::Other(
                "a statement of the transaction failed, so it cannot be committed".into(),
            ));
        }
        self.client.batch_execute("COMMIT").await.map_err(sql_error)?;
        self.open = false;
        Ok(())
    }
}

/// What an error of PostgreSQL means to the repositories.
pub(crate) fn sql_error(error: tokio_postgres::Error) -> SqlError {
    let Some(refusal) = error.as_db_error() else {
        return if error.is_closed() {
            SqlError::Unusable(error.into())
        } else {
            SqlError::Other(error.into())
        };
    };
    if *refusal.code() == SqlState::UNIQUE_VIOLATION {
        let index = refusal.constraint().unwrap_or_default().to_owned();
        return SqlError::Unique(UniqueViolation::Index(index));
    }
    let words = format!("{}: {}", refusal.code().code(), refusal.message());
    if *refusal.code() == SqlState::PROGRAM_LIMIT_EXCEEDED {
        return SqlError::TooLong(words.into());
    }
    let unusable = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::DISK_FULL,
        SqlState::DATA_CORRUPTED,
        SqlState::INDEX_CORRUPTED,
    ];
    if unusable.contains(refusal.code()) {
        SqlError::Unusable(words.into())
    } else {
        SqlError::Other(words.into())
    }
}
