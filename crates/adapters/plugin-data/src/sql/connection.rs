//! A connection that runs what plugins wrote.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use emdash_ports::plugin_database::DatabaseLimits;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Result};

use super::budget::{Budget, STEPS_PER_LOOK};
use super::functions;
use super::guard::Guard;

/// No temporary files: what does not fit into memory is refused. `ATTACH` opens read-only and makes nothing.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; \
    PRAGMA journal_size_limit = 1048576;";

/// The record of applied migrations.
const RECORD: &str = "CREATE TABLE IF NOT EXISTS _emdash_migrations (
    name TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;";

/// Opens or creates the file, with every lock closed. The guard lets us speak.
pub fn connect(path: &Path, guard: &Arc<Guard>, budget: &Arc<Budget>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(setting, value)?;
    }
    connection.execute_batch(SETTINGS)?;
    connection.execute_batch(RECORD)?;
    connection.set_prepared_statement_cache_capacity(32);
    let judge = Arc::clone(guard);
    connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| judge.judge(&context)))?;
    let books = Arc::clone(budget);
    connection.progress_handler(i32::from(STEPS_PER_LOOK), Some(move || books.look()))?;
    Ok(connection)
}

fn cap_pages(connection: &Connection, total_bytes: u64) -> Result<()> {
    let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let pages = u32::try_from(total_bytes / u64::from(page.max(1))).unwrap_or(u32::MAX - 1).max(16);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

/// How large the file may grow, and what one statement may look like.
pub fn bound(connection: &Connection, limits: &DatabaseLimits) -> Result<()> {
    cap_pages(connection, limits.total_bytes)?;
    functions::install(connection, limits.value_bytes)?;
    let number = |limit: usize| i32::try_from(limit).unwrap_or(i32::MAX);
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, number(limits.value_bytes)),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, number(limits.value_bytes)),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, number(limits.values)),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        (Limit::SQLITE_LIMIT_SCHEMA, 500),
        (Limit::SQLITE_LIMIT_TRIGGER_STEPS, 50),
    ] {
        connection.set_limit(limit, most)?;
    }
    Ok(())
}
