//! What a failed statement is called: D1's words for its author, a code for the record.

use emdash_ports::plugin_database::DatabaseLimits;
use emdash_types::{Error, ErrorCode};
use rusqlite::{ErrorCode as Sqlite, ffi};

/// Why a statement did not end well.
#[derive(Debug)]
pub enum Fault {
    Sqlite(rusqlite::Error),
    /// What no plugin may do.
    Refused(String),
    /// A refusal with a code of its own.
    Said(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// What guard and budget know about a failure.
#[derive(Default)]
pub struct Circumstances {
    pub refusal: Option<String>,
    pub spent: Option<String>,
}

/// The error a plugin sees.
pub fn explain(fault: Fault, circumstances: Circumstances, limits: &DatabaseLimits) -> Error {
    let error = match fault {
        Fault::Said(error) => return error,
        Fault::Refused(reason) => return refused(&reason),
        Fault::Sqlite(error) => error,
    };
    if let Some(reason) = circumstances.spent {
        let message = format!("D1_ERROR: The statement was stopped and undone: {reason}: SQLITE_INTERRUPT");
        return Error::new(ErrorCode::SqlLimit, message);
    }
    if let Some(reason) = circumstances.refusal {
        return refused(&reason);
    }
    let (code, message) = match &error {
        rusqlite::Error::MultipleStatement => {
            return refused("A prepared SQL statement must contain only one statement.");
        }
        rusqlite::Error::SqliteFailure(failure, message) => (*failure, message.clone()),
        rusqlite::Error::SqlInputError { error, msg, offset, .. } if *offset >= 0 => {
            (*error, Some(format!("{msg} at offset {offset}")))
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => (*error, Some(msg.clone())),
        _ => return Error::internal(error),
    };
    let message = message.unwrap_or_else(|| ffi::code_to_str(code.extended_code).to_owned());
    match code.code {
        Sqlite::AuthorizationForStatementDenied | Sqlite::ReadOnly => refused(&message),
        Sqlite::DiskFull => {
            let total = limits.total_bytes;
            let message = format!("D1_ERROR: The database is full: its limit is {total} bytes: SQLITE_FULL");
            Error::new(ErrorCode::QuotaExceeded, message)
        }
        Sqlite::TooBig => {
            let most = limits.value_bytes;
            let message = format!("D1_ERROR: {message} (the limit is {most} bytes): SQLITE_TOOBIG");
            Error::new(ErrorCode::QuotaExceeded, message)
        }
        Sqlite::OutOfMemory => {
            Error::new(ErrorCode::SqlLimit, "D1_ERROR: The statement takes too much memory: SQLITE_NOMEM")
        }
        _ => match name(code.code) {
            Some(name) => Error::new(ErrorCode::SqlError, format!("D1_ERROR: {message}: {name}")),
            None => Error::internal(error),
        },
    }
}

/// The refusal of what no plugin may do.
pub fn refused(reason: &str) -> Error {
    Error::new(ErrorCode::SqlRefused, format!("D1_ERROR: {reason}: SQLITE_AUTH"))
}

/// The names of failures that are the statement's own; the others are ours.
fn name(code: Sqlite) -> Option<&'static str> {
    Some(match code {
        Sqlite::Unknown => "SQLITE_ERROR",
        Sqlite::ConstraintViolation => "SQLITE_CONSTRAINT",
        Sqlite::TypeMismatch => "SQLITE_MISMATCH",
        Sqlite::ParameterOutOfRange => "SQLITE_RANGE",
        Sqlite::SchemaChanged => "SQLITE_SCHEMA",
        Sqlite::DatabaseLocked => "SQLITE_LOCKED",
        Sqlite::DatabaseBusy => "SQLITE_BUSY",
        Sqlite::ApiMisuse => "SQLITE_MISUSE",
        _ => return None,
    })
}
