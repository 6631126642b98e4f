//! Tables of a plugin's file, and the indexes its manifest declares.

use std::collections::{BTreeMap, BTreeSet};

use emdash_manifest::StorageCollection;
use emdash_types::{Error, PluginId, Result};
use rusqlite::Connection;

use crate::documents::Collection;

/// Each step is applied once, in order; `user_version` counts them. Steps are never changed, only added.
const STEPS: [&str; 1] = ["
    CREATE TABLE _plugin_collections (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

    CREATE TABLE _plugin_storage (
        collection INTEGER NOT NULL,
        id TEXT NOT NULL,
        data TEXT NOT NULL CHECK (json_valid(data)),
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (collection, id)
    ) STRICT;
    CREATE INDEX _plugin_storage_created ON _plugin_storage (collection, created_at, id);

    CREATE TABLE _plugin_kv (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL CHECK (json_valid(value)),
        updated_at INTEGER NOT NULL
    ) STRICT;

    -- Each row counts 64 bytes for itself, so that many tiny rows count too.
    CREATE TABLE _plugin_usage (bytes INTEGER NOT NULL) STRICT;
    INSERT INTO _plugin_usage VALUES (0);
    CREATE TRIGGER _plugin_storage_added AFTER INSERT ON _plugin_storage BEGIN
        UPDATE _plugin_usage SET bytes = bytes + octet_length(NEW.id) + octet_length(NEW.data) + 64;
    END;
    CREATE TRIGGER _plugin_storage_changed AFTER UPDATE ON _plugin_storage BEGIN
        UPDATE _plugin_usage SET bytes = bytes + octet_length(NEW.data) - octet_length(OLD.data);
    END;
    CREATE TRIGGER _plugin_storage_removed AFTER DELETE ON _plugin_storage BEGIN
        UPDATE _plugin_usage SET bytes = bytes - octet_length(OLD.id) - octet_length(OLD.data) - 64;
    END;
    CREATE TRIGGER _plugin_kv_added AFTER INSERT ON _plugin_kv BEGIN
        UPDATE _plugin_usage SET bytes = bytes + octet_length(NEW.key) + octet_length(NEW.value) + 64;
    END;
    CREATE TRIGGER _plugin_kv_changed AFTER UPDATE ON _plugin_kv BEGIN
        UPDATE _plugin_usage SET bytes = bytes + octet_length(NEW.value) - octet_length(OLD.value);
    END;
    CREATE TRIGGER _plugin_kv_removed AFTER DELETE ON _plugin_kv BEGIN
        UPDATE _plugin_usage SET bytes = bytes - octet_length(OLD.key) - octet_length(OLD.value) - 64;
    END;
"];

/// Brings the tables up to date.
pub fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let done: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (number, step) in (1_u32..).zip(STEPS).skip(done as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Caps the file at three times the quota and a little more: what indexes and free pages may add.
pub fn cap_pages(connection: &Connection, total_bytes: u64) -> Result<()> {
    let page: u32 =
        connection.query_row("PRAGMA page_size", [], |row| row.get(0)).map_err(Error::internal)?;
    let pages = (total_bytes.saturating_mul(3) / u64::from(page.max(1))).saturating_add(256);
    let pages = u32::try_from(pages).unwrap_or(u32::MAX - 1);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).map_err(Error::internal)
}

/// Numbers the declared collections and makes the indexes of the file exactly the declared ones. An index that
/// cannot be made (two documents already share unique values) is left out and logged.
pub fn declare(
    connection: &mut Connection,
    plugin: &PluginId,
    declared: &BTreeMap<String, StorageCollection>,
) -> Result<BTreeMap<String, Collection>> {
    let mut collections = BTreeMap::new();
    let mut wanted = BTreeMap::new();
    for (name, shape) in declared {
        let number = number_of(connection, name).map_err(Error::internal)?;
        for (unique, indexes) in [(false, &shape.indexes), (true, &shape.unique_indexes)] {
            for fields in indexes {
                if let Some((index, sql)) = index_statement(number, fields, unique) {
                    wanted.insert(index, sql);
                }
            }
        }
        collections.insert(name.clone(), Collection { name: name.clone(), number, shape: shape.clone() });
    }
    let existing = declared_indexes(connection).map_err(Error::internal)?;
    let surplus = existing.iter().filter(|index| !wanted.contains_key(*index));
    for index in surplus {
        connection.execute_batch(&format!("DROP INDEX \"{index}\"")).map_err(Error::internal)?;
    }
    for (index, sql) in wanted.iter().filter(|(index, _)| !existing.contains(*index)) {
        if let Err(error) = connection.execute_batch(sql) {
            tracing::warn!(%plugin, index, %error, "a declared index cannot be made");
        }
    }
    Ok(collections)
}

/// `json_extract(data, '$.field')`, for a field whose name cannot leave the text.
pub fn field_expression(field: &str) -> Option<String> {
    is_field_name(field).then(|| format!("json_extract(data, '$.{field}')"))
}

/// The field grammar of plugin contract §3.3: `^[a-zA-Z][a-zA-Z0-9_]*$`.
pub fn is_field_name(field: &str) -> bool {
    field.starts_with(|first: char| first.is_ascii_alphabetic())
        && field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn number_of(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.execute("INSERT OR IGNORE INTO _plugin_collections (name) VALUES (?1)", [name])?;
    connection.query_row("SELECT number FROM _plugin_collections WHERE name = ?1", [name], |row| row.get(0))
}

/// Name and statement of an index; `None` where a field is not a field name, which no query can use either.
fn index_statement(collection: i64, fields: &[String], unique: bool) -> Option<(String, String)> {
    let expressions: Vec<_> = fields.iter().map(|field| field_expression(field)).collect::<Option<_>>()?;
    if expressions.is_empty() {
        return None;
    }
    let (word, prefix) = if unique { ("UNIQUE ", "unique") } else { ("", "index") };
    let name = format!("{prefix}:{collection}:{}", fields.join(","));
    let sql = format!(
        "CREATE {word}INDEX \"{name}\" ON _plugin_storage ({}) WHERE collection = {collection}",
        expressions.join(", ")
    );
    Some((name, sql))
}

fn declared_indexes(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND (name LIKE 'index:%' OR name LIKE 'unique:%')";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}
