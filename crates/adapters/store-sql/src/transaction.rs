//! The transaction object: all repositories over one executor.

use async_trait::async_trait;
use emdash_store::{PlatformTransaction, SiteTransaction};
use emdash_types::{Error, Result};

use crate::{Dialect, Executor, Row, SqlError, Value};

/// Offers every repository over an open transaction of an engine.
pub struct SqlTransaction {
    executor: Box<dyn Executor>,
}

impl SqlTransaction {
    /// Over an open transaction.
    #[must_use]
    pub fn new(executor: Box<dyn Executor>) -> Self {
        Self { executor }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.executor.dialect()
    }

    /// Runs a statement; returns the number of changed rows.
    pub(crate) async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        refuse_nul(values)?;
        Ok(self.executor.execute(sql, values).await?)
    }

    /// Runs a statement that a constraint may refuse; the transaction goes on.
    pub(crate) async fn attempt(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError> {
        refuse_nul(values)?;
        self.executor.attempt(sql, values).await
    }

    /// Runs a statement; returns its rows.
    pub(crate) async fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        refuse_nul(values)?;
        Ok(self.executor.query(sql, values).await?)
    }

    /// All rows, as domain values.
    pub(crate) async fn all<T>(
        &mut self,
        sql: &str,
        values: &[Value],
        read: fn(Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.rows(sql, values).await?.into_iter().map(read).collect()
    }

    /// The first row, as a domain value.
    pub(crate) async fn one<T>(
        &mut self,
        sql: &str,
        values: &[Value],
        read: fn(Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.rows(sql, values).await?.into_iter().next().map(read).transpose()
    }

    /// The one number of a `count(*)`.
    pub(crate) async fn number(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        match self.rows(sql, values).await?.first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => Ok(u64::try_from(*number).unwrap_or_default()),
            other => Err(Error::internal(format!("expected a number from {sql}, found {other:?}"))),
        }
    }
}

/// PostgreSQL cannot hold U+0000 in text, so no engine takes it.
fn refuse_nul(values: &[Value]) -> Result<(), SqlError> {
    let has_nul = |value: &Value| matches!(value, Value::Text(text) if text.as_bytes().contains(&0));
    if values.iter().any(has_nul) { Err(SqlError::Nul) } else { Ok(()) }
}

#[async_trait]
impl SiteTransaction for SqlTransaction {
    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(self.executor.commit().await?)
    }
}

#[async_trait]
impl PlatformTransaction for SqlTransaction {
    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(self.executor.commit().await?)
    }
}
