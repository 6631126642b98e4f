//! One open file: how it is set up, how a statement gets at it, how much work that may do.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use emdash_ports::plugin_data::DataLimits;
use emdash_types::{Ambient, Error, ErrorCode, Result};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode as SqliteCode, ffi};

use crate::schema;
use crate::settings::Settings;

/// Machine steps between two looks at the budget.
const STEPS_PER_LOOK: u16 = 1_000;

/// An open file; `None` once its data was removed.
pub struct Database {
    connection: Mutex<Option<Connection>>,
    looks_left: Arc<AtomicU64>,
    /// The plugin's settings in memory; changed only by whoever holds the connection.
    settings: Settings,
    ambient: Ambient,
}

/// A connection in the hands of one operation.
pub struct Access<'a> {
    pub connection: &'a mut Connection,
    pub limits: &'a DataLimits,
    pub settings: &'a Settings,
    pub now: i64,
}

/// Why an operation did not end well: the database's words or our own refusal.
#[derive(Debug)]
pub enum Fault {
    Sqlite(rusqlite::Error),
    Refused(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Database {
    /// Opens or creates the file. Plugins never get to write SQL; the defensive settings are a second wall
    /// against a file somebody tampered with.
    pub fn open(path: &Path, ambient: Ambient) -> Result<Self> {
        let looks_left = Arc::new(AtomicU64::new(u64::MAX));
        if !path.try_exists().map_err(Error::internal)? {
            create(path)?;
        }
        let connection = connect(path, Arc::clone(&looks_left)).map_err(Error::internal)?;
        let settings = Settings::load(&connection, ambient.now()).map_err(Error::internal)?;
        Ok(Self { connection: Mutex::new(Some(connection)), looks_left, settings, ambient })
    }

    /// The plugin's settings in memory.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs an operation of a plugin.
    pub fn with<T>(
        &self,
        limits: &DataLimits,
        operation: impl FnOnce(&mut Access<'_>) -> Result<T, Fault>,
    ) -> Result<T> {
        let mut connection = self.connection.lock();
        let connection = connection.as_mut().ok_or_else(removed)?;
        self.looks_left.store(limits.statement_steps / u64::from(STEPS_PER_LOOK) + 1, Ordering::Relaxed);
        let now = self.ambient.now().as_millis();
        operation(&mut Access { connection, limits, settings: &self.settings, now })
            .map_err(|fault| explain(fault, limits))
    }

    /// Runs the host's own statements, which no budget cuts short.
    pub fn prepare<T>(&self, operation: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut connection = self.connection.lock();
        self.looks_left.store(u64::MAX, Ordering::Relaxed);
        operation(connection.as_mut().ok_or_else(removed)?)
    }

    /// Runs what may change everything; the settings in memory follow.
    pub fn replace(&self, operation: impl FnOnce(&mut Connection) -> Result<()>) -> Result<()> {
        self.prepare(|connection| {
            let outcome = operation(connection);
            self.settings.reload(connection).map_err(Error::internal)?;
            outcome
        })
    }

    /// Closes the file for every handle.
    pub fn close(&self) {
        *self.connection.lock() = None;
        self.settings.forget();
    }
}

impl Access<'_> {
    /// Bytes kept, as they count against the quota.
    pub fn used_bytes(&self) -> Result<u64, Fault> {
        let sql = "SELECT bytes FROM _plugin_usage";
        let bytes: i64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// Writes in one transaction that is given up when it leaves the plugin beyond its quota and larger than it was.
    pub fn write<T>(
        &mut self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let before = self.used_bytes()?;
        let transaction = self.connection.transaction()?;
        let value = change(&transaction)?;
        let after: i64 =
            transaction.prepare_cached("SELECT bytes FROM _plugin_usage")?.query_row([], |row| row.get(0))?;
        let after = u64::try_from(after).unwrap_or_default();
        if after > self.limits.total_bytes && after > before {
            return Err(over_quota(self.limits.total_bytes, after).into());
        }
        transaction.commit()?;
        Ok(value)
    }

    /// Refuses a key or id that is empty or too long.
    pub fn check_key(&self, what: &str, key: &str) -> Result<(), Fault> {
        if key.is_empty() {
            return Err(Error::new(
                ErrorCode::ValidationError,
                format!("Missing required string parameter: {what}"),
            )
            .into());
        }
        self.check_length(what, key.len(), self.limits.key_bytes)
    }

    /// Refuses a value or document that is too long.
    pub fn check_document(&self, what: &str, json: &str) -> Result<(), Fault> {
        self.check_length(what, json.len(), self.limits.document_bytes)
    }

    fn check_length(&self, what: &str, used: usize, limit: usize) -> Result<(), Fault> {
        if used <= limit {
            return Ok(());
        }
        let message = format!("The {what} is {used} bytes long; the limit is {limit}.");
        let details = serde_json::json!({"limit": limit, "used": used});
        Err(Error::new(ErrorCode::QuotaExceeded, message).details(details).into())
    }
}

/// A new file appears whole or not at all, for the price of one sync: installing a plugin waits for it.
fn create(path: &Path) -> Result<()> {
    let draft = path.with_extension("new");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::internal(error)),
        _ => {}
    }
    draw_up(&draft).map_err(Error::internal)?;
    let synced = std::fs::File::open(&draft).and_then(|file| file.sync_all());
    synced.and_then(|()| std::fs::rename(&draft, path)).map_err(Error::internal)
}

fn draw_up(draft: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open(draft)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")?;
    schema::migrate(&mut connection)?;
    connection.execute_batch("PRAGMA journal_mode = WAL;")?;
    connection.close().map_err(|(_, error)| error)
}

fn connect(path: &Path, looks_left: Arc<AtomicU64>) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // WAL survives a killed process without a sync per write. Half a megabyte of cache is enough for one plugin.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512;
         PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 1048576;",
    )?;
    schema::migrate(&mut connection)?;
    let look = move || {
        let spent = |left: u64| left.checked_sub(1);
        looks_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent).is_err()
    };
    connection.progress_handler(i32::from(STEPS_PER_LOOK), Some(look))?;
    Ok(connection)
}

fn removed() -> Error {
    Error::new(ErrorCode::InvalidState, "The plugin's data was removed.")
}

fn over_quota(limit: u64, used: u64) -> Error {
    let message = format!(
        "The plugin's stored data would be {used} bytes; its quota is {limit}. Delete something first."
    );
    Error::new(ErrorCode::QuotaExceeded, message).details(serde_json::json!({"limit": limit, "used": used}))
}

fn explain(fault: Fault, limits: &DataLimits) -> Error {
    let error = match fault {
        Fault::Refused(error) => return error,
        Fault::Sqlite(error) => error,
    };
    let rusqlite::Error::SqliteFailure(failure, _) = &error else { return Error::internal(error) };
    match (failure.code, failure.extended_code) {
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE) => Error::new(
            ErrorCode::Conflict,
            "Another document has the same values in a unique index of the collection.",
        ),
        (_, ffi::SQLITE_CONSTRAINT_CHECK) => Error::new(
            ErrorCode::ValidationError,
            "The value cannot be stored: it is nested more than 1,000 levels deep.",
        ),
        (SqliteCode::DiskFull, _) => {
            let message = format!(
                "The plugin's file is full: its quota is {} bytes and its indexes may take as much again.",
                limits.total_bytes
            );
            Error::new(ErrorCode::QuotaExceeded, message)
        }
        (SqliteCode::OperationInterrupted, _) => {
            let message = format!(
                "The query would read too much: more than {} steps. Narrow it by an indexed field.",
                limits.statement_steps
            );
            Error::new(ErrorCode::HostCallLimit, message)
        }
        _ => Error::internal(error),
    }
}
