//! What an engine must do for the repositories: run statements in one open transaction.

use std::fmt;

use async_trait::async_trait;
use emdash_types::{Error, ErrorCode};

use crate::{Dialect, Row, Value};

/// An open transaction. Dropping it rolls it back.
#[async_trait]
pub trait Executor: Send {
    /// Which engine this is.
    fn dialect(&self) -> Dialect;

    /// Runs a statement; returns the number of rows it changed.
    async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError>;

    /// Like [`Executor::execute`]; afterwards the transaction can be used even if a constraint refused the statement.
    async fn attempt(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError>;

    /// Runs a statement; returns its rows.
    async fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, SqlError>;

    /// Makes the changes durable.
    async fn commit(self: Box<Self>) -> Result<(), SqlError>;
}

/// The unique constraint that refused a row: engines name either its columns or its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UniqueViolation {
    /// Column names in index order.
    Columns(Vec<String>),
    /// Name of the index or constraint.
    Index(String),
}

impl UniqueViolation {
    /// Whether it is the constraint on these columns, which has this name.
    #[must_use]
    pub fn is(&self, columns: &[&str], index: &str) -> bool {
        match self {
            Self::Columns(names) => names.iter().map(String::as_str).eq(columns.iter().copied()),
            Self::Index(name) => name == index,
        }
    }
}

/// Why a statement failed.
#[derive(Debug)]
pub enum SqlError {
    /// Another row has the value.
    Unique(UniqueViolation),
    /// The database is damaged, gone or cannot be reached.
    Unusable(Box<dyn std::error::Error + Send + Sync>),
    /// A text has U+0000 in it.
    Nul,
    /// A value is longer than the engine can index.
    TooLong(Box<dyn std::error::Error + Send + Sync>),
    /// Anything else; a fault of ours.
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl SqlError {
    /// The error for callers: `conflict` decides about a unique violation, everything else is the same everywhere.
    pub(crate) fn or_conflict(self, conflict: impl FnOnce(&UniqueViolation) -> Option<Error>) -> Error {
        if let Self::Unique(violation) = &self
            && let Some(error) = conflict(violation)
        {
            return error.caused_by(self);
        }
        self.into()
    }
}

/// The error for whoever opens a database: `place` is named and so is the cause, which is kept from a response
/// otherwise.
#[must_use]
pub fn cannot_open(place: &str, error: Error) -> Error {
    if error.code() != ErrorCode::DatabaseUnusable {
        return error;
    }
    let (message, hint) = match error.cause() {
        Some(cause) => (
            format!("{place} cannot be used: {cause}"),
            "Run `emdash doctor`; restore the last backup if the database is damaged.".to_owned(),
        ),
        None => (format!("{place}: {error}"), error.hint_text().unwrap_or_default().to_owned()),
    };
    Error::new(ErrorCode::DatabaseUnusable, message).hint(hint).caused_by(error)
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unique(violation) => write!(f, "unique constraint: {violation:?}"),
            Self::Nul => f.write_str("a text contains U+0000"),
            Self::Unusable(cause) | Self::TooLong(cause) | Self::Other(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for SqlError {}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        match &error {
            SqlError::Unique(_) => {
                Self::new(ErrorCode::Conflict, "Another record has the same unique value.").caused_by(error)
            }
            SqlError::Unusable(_) => {
                Self::new(ErrorCode::DatabaseUnusable, "The database cannot be used now.")
                    .hint("The server's log says why; `emdash doctor` looks closer.")
                    .caused_by(error)
            }
            SqlError::Nul => Self::new(ErrorCode::ValidationError, "A text contains the character U+0000.")
                .hint("Remove the character; it cannot be stored."),
            SqlError::TooLong(_) => Self::new(
                ErrorCode::ValidationError,
                "A value of an indexed field is longer than the database can index.",
            )
            .hint("Shorten it, or switch the field's index off.")
            .caused_by(error),
            SqlError::Other(_) => Self::internal(error),
        }
    }
}
