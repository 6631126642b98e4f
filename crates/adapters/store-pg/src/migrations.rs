//! The migrations of both stores, and how they are applied.

use deadpool_postgres::Object;
use emdash_store_sql::{MIGRATIONS_TABLE, Migration, pending};
use emdash_types::Result;

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

/// Brings a schema up to date, creating it where there is none, each migration in a transaction of its own. `lock` is
/// the statement that waits for other processes; it holds until the transaction ends.
pub(crate) async fn migrate(
    client: &mut Object,
    schema: &str,
    lock: &str,
    known: &[Migration],
) -> Result<()> {
    let transaction = client.transaction().await.map_err(sql_error)?;
    let create = format!(
        "{lock}; CREATE SCHEMA IF NOT EXISTS \"{schema}\"; CREATE TABLE IF NOT EXISTS {MIGRATIONS_TABLE} \
         (name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, checksum TEXT COLLATE \"C\" NOT NULL)"
    );
    transaction.batch_execute(&create).await.map_err(sql_error)?;
    transaction.commit().await.map_err(sql_error)?;
    while apply_next(client, lock, known).await? {}
    Ok(())
}

/// Applies the first migration that is missing; says whether there was one. Another process may have done it while
/// this one waited for the lock, so what was applied is read under it.
async fn apply_next(client: &mut Object, lock: &str, known: &[Migration]) -> Result<bool> {
    let transaction = client.transaction().await.map_err(sql_error)?;
    transaction.batch_execute(lock).await.map_err(sql_error)?;
    let sql = format!("SELECT name, checksum FROM {MIGRATIONS_TABLE} ORDER BY name");
    let rows = transaction.query(&sql, &[]).await.map_err(sql_error)?;
    let applied = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(String, String)>, tokio_postgres::Error>>()
        .map_err(sql_error)?;
    let Some(migration) = pending(known, &applied)?.first() else { return Ok(false) };
    transaction.batch_execute(migration.sql).await.map_err(sql_error)?;
    let insert = format!("INSERT INTO {MIGRATIONS_TABLE} (name, checksum) VALUES ($1, $2)");
    transaction.execute(&insert, &[&migration.name, &migration.checksum()]).await.map_err(sql_error)?;
    transaction.commit().await.map_err(sql_error)?;
    Ok(true)
}
