//! Migrations: in order, in one transaction, each once (B4).

use std::cell::Cell;

use emdash_manifest::Migration;
use emdash_ports::plugin_database::{AppliedMigration, DatabaseLimits, Stop};
use emdash_types::{Error, ErrorCode, Result};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::guard::{Guard, Speaker};
use super::{Fault, OpenDatabase, run};

/// How much more work all migrations of a start may do than one batch.
const MORE_STEPS: u64 = 20;

pub fn applied(connection: &Connection) -> rusqlite::Result<Vec<AppliedMigration>> {
    let sql = "SELECT name, hash, applied_at FROM _emdash_migrations ORDER BY name";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(AppliedMigration { name: row.get(0)?, hash: row.get(1)?, applied_at: row.get(2)? })
    };
    connection.prepare(sql)?.query_map([], read)?.collect()
}

/// Applies what is not on record. The database is as it was where anything fails.
pub fn apply(database: &OpenDatabase, migrations: &[Migration], stop: &Stop) -> Result<Vec<String>> {
    let limits = DatabaseLimits { steps: database.limits.steps * MORE_STEPS, ..database.limits };
    let done = database.file.as_host(|connection| applied(connection).map_err(Error::internal))?;
    let new = compare(&done, migrations)?;
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let now = database.ambient.now().as_millis();
    let reached = Cell::new(("", 0));
    let outcome = database.transact(&limits, stop, |connection, guard| {
        for migration in new {
            let note = |statement| reached.set((migration.name.as_str(), statement));
            run::script(connection, guard, &migration.sql, &limits, note)?;
            record(connection, guard, migration, now)?;
        }
        Ok(new.iter().map(|migration| migration.name.clone()).collect())
    });
    outcome.map_err(|error| {
        let (file, statement) = reached.get();
        let message = format!("{file}, statement {statement}: {}", error.message());
        let details = serde_json::json!({"file": file, "statement": statement, "code": error.code().name()});
        Error::new(ErrorCode::MigrationFailed, message).details(details)
    })
}

/// The migrations that follow those on record, which must all be there as they were.
fn compare<'m>(done: &[AppliedMigration], migrations: &'m [Migration]) -> Result<&'m [Migration]> {
    for (position, on_record) in done.iter().enumerate() {
        let name = &on_record.name;
        let refused = |message: String| Err(Error::new(ErrorCode::MigrationFailed, message));
        match migrations.get(position) {
            Some(found) if found.name == *name && hash(found) == on_record.hash => {}
            Some(found) if found.name == *name => {
                return refused(format!(
                    "{name} was changed after it was applied. Restore it and put the change into a new file."
                ));
            }
            Some(found) if found.name < *name => {
                return refused(format!(
                    "{} comes before {name}, which was applied already. Give it a later number.",
                    found.name
                ));
            }
            _ => {
                return refused(format!(
                    "{name} was applied to the database, but this version of the plugin does not have it."
                ));
            }
        }
    }
    Ok(migrations.get(done.len()..).unwrap_or_default())
}

fn record(connection: &Connection, guard: &Guard, migration: &Migration, now: i64) -> Result<(), Fault> {
    guard.speak(Speaker::Host);
    let sql = "INSERT INTO _emdash_migrations (name, hash, applied_at) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![migration.name, hash(migration), now])?;
    Ok(())
}

fn hash(migration: &Migration) -> String {
    Sha256::digest(migration.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
