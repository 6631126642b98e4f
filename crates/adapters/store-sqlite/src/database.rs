//! One database file: its writer, its readers, and how they are set up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use emdash_store_sql::{Migration, SqlTransaction, cannot_open};
use emdash_types::{Error, Result};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::executor::{SqliteExecutor, sql_error};
use crate::migrations::migrate;

/// Read transactions open at the same time; more wait.
const MAX_READERS: usize = 64;
/// Reading connections kept open while nobody reads.
const IDLE_READERS: usize = 4;
/// Statements each connection keeps prepared.
const PREPARED_STATEMENTS: usize = 256;

/// Settings of every connection. Commits survive a crash of the process; a power cut may lose the last ones, never
/// consistency. Reads go through the operating system's cache, so each connection's own can stay small.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; \
                        PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048; PRAGMA trusted_schema = OFF;";

type Shared = Arc<AsyncMutex<Connection>>;

/// A migrated database file.
pub(crate) struct Database {
    path: PathBuf,
    writer: Shared,
    idle: Arc<Mutex<Vec<Shared>>>,
    readers: Arc<Semaphore>,
}

impl Database {
    /// Opens the file, creating it where there is none, and brings it up to date.
    pub(crate) fn open(path: &Path, migrations: &[Migration]) -> Result<Self> {
        let writer =
            open_writer(path, migrations).map_err(|error| cannot_open(&path.display().to_string(), error))?;
        Ok(Self {
            path: path.to_owned(),
            writer: Arc::new(AsyncMutex::new(writer)),
            idle: Arc::default(),
            readers: Arc::new(Semaphore::new(MAX_READERS)),
        })
    }

    /// A read transaction.
    pub(crate) async fn read(&self) -> Result<SqlTransaction> {
        let (connection, lease) = self.reader().await?;
        let executor = SqliteExecutor::begin(connection, Some(lease), "BEGIN DEFERRED")?;
        Ok(SqlTransaction::new(Box::new(executor)))
    }

    /// The write transaction, when nobody else has it.
    pub(crate) async fn write(&self) -> Result<SqlTransaction> {
        let connection = Arc::clone(&self.writer).lock_owned().await;
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK").map_err(sql_error)?;
        }
        let executor = SqliteExecutor::begin(connection, None, "BEGIN IMMEDIATE")?;
        Ok(SqlTransaction::new(Box::new(executor)))
    }

    /// Reads the file.
    pub(crate) async fn ping(&self) -> Result<()> {
        let (connection, _lease) = self.reader().await?;
        let sql = "SELECT count(*) FROM sqlite_schema";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(sql_error)?;
        Ok(())
    }

    async fn reader(&self) -> Result<(OwnedMutexGuard<Connection>, Lease)> {
        let permit = Arc::clone(&self.readers).acquire_owned().await.map_err(Error::internal)?;
        let waiting = self.idle.lock().pop();
        if let Some(home) = waiting {
            let connection = Arc::clone(&home).lock_owned().await;
            if connection.is_autocommit() {
                return Ok((connection, Lease { home, idle: Arc::clone(&self.idle), _permit: permit }));
            }
        }
        let home = Arc::new(AsyncMutex::new(open_reader(&self.path).map_err(sql_error)?));
        let connection = Arc::clone(&home).lock_owned().await;
        Ok((connection, Lease { home, idle: Arc::clone(&self.idle), _permit: permit }))
    }
}

/// The right to read. Dropping it lets the next one read and puts the connection back.
pub(crate) struct Lease {
    home: Shared,
    idle: Arc<Mutex<Vec<Shared>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut idle = self.idle.lock();
        if idle.len() < IDLE_READERS {
            idle.push(Arc::clone(&self.home));
        }
    }
}

fn open_writer(path: &Path, migrations: &[Migration]) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(sql_error)?;
    set_up(&connection).map_err(sql_error)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;")
        .map_err(sql_error)?;
    migrate(&mut connection, migrations)?;
    Ok(connection)
}

pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection)?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SETTINGS)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // Otherwise a prepared statement may be planned again for each new value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // SQLite's own lower() knows ASCII only.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("emdash_lower", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(str::to_lowercase))
    })
}
