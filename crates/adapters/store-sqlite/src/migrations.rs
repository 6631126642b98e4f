//! The migrations of both stores, and how they are applied.

use emdash_store_sql::{MIGRATIONS_TABLE, Migration, pending};
use emdash_types::Result;
use rusqlite::{Connection, TransactionBehavior};

use crate::executor::sql_error;

/// Of a site.
pub(crate) const SITE: &[Migration] = &[
    Migration { name: "0001_start", sql: include_str!("../migrations/site/0001_start.sql") },
    Migration {
        name: "0002_plugin_lifecycle",
        sql: include_str!("../migrations/site/0002_plugin_lifecycle.sql"),
    },
    Migration {
        name: "0004_cron_and_events",
        sql: include_str!("../migrations/site/0004_cron_and_events.sql"),
    },
    Migration {
        name: "0005_recorded_calls",
        sql: include_str!("../migrations/site/0005_recorded_calls.sql"),
    },
];

/// Of the platform.
pub(crate) const PLATFORM: &[Migration] =
    &[Migration { name: "0001_start", sql: include_str!("../migrations/platform/0001_start.sql") }];

/// Brings a database up to date, each migration in a transaction of its own.
pub(crate) fn migrate(connection: &mut Connection, known: &[Migration]) -> Result<()> {
    let create = format!(
        "CREATE TABLE IF NOT EXISTS {MIGRATIONS_TABLE} (name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL) STRICT"
    );
    connection.execute_batch(&create).map_err(sql_error)?;
    let applied = applied(connection).map_err(sql_error)?;
    for migration in pending(known, &applied)? {
        apply(connection, migration).map_err(sql_error)?;
    }
    Ok(())
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = format!("SELECT name, checksum FROM {MIGRATIONS_TABLE} ORDER BY name");
    connection.prepare(&sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn apply(connection: &mut Connection, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    transaction.execute(
        &format!("INSERT INTO {MIGRATIONS_TABLE} (name, checksum) VALUES (?1, ?2)"),
        (migration.name, migration.checksum()),
    )?;
    transaction.commit()
}
