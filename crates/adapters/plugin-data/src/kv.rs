//! Keys and values (plugin contract §3.2).

use emdash_ports::plugin_data::{Document, KeyChange};
use emdash_types::{Error, ErrorCode};
use rusqlite::{OptionalExtension, params};

use crate::database::{Access, Fault};
use crate::documents::collect_within;
use crate::query::after_prefix;

pub fn get(access: &mut Access<'_>, key: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT value FROM _plugin_kv WHERE key = ?1";
    Ok(access.connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?)
}

pub fn set(access: &mut Access<'_>, key: &str, json: &str) -> Result<(), Fault> {
    change(access, &[KeyChange { key: key.to_owned(), json: Some(json.to_owned()) }], None)
}

pub fn delete(access: &mut Access<'_>, key: &str) -> Result<bool, Fault> {
    let found =
        access.connection.prepare_cached("DELETE FROM _plugin_kv WHERE key = ?1")?.execute([key])? > 0;
    if found {
        access.settings.apply(&[KeyChange { key: key.to_owned(), json: None }]);
    }
    Ok(found)
}

/// Sets and forgets keys in one transaction; the settings in memory follow once it is committed.
pub fn change(access: &mut Access<'_>, changes: &[KeyChange], expected: Option<u64>) -> Result<(), Fault> {
    for change in changes {
        access.check_key("key", &change.key)?;
        access.check_document("value", change.json.as_deref().unwrap_or_default())?;
    }
    let version = access.settings.version();
    if expected.is_some_and(|expected| expected != version) {
        let message = "The settings were changed meanwhile. Load them again.";
        return Err(Error::new(ErrorCode::Conflict, message).into());
    }
    let now = access.now;
    access.write(|transaction| {
        let sql = "INSERT INTO _plugin_kv (key, value, updated_at) VALUES (?1, ?2, ?3)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
        for KeyChange { key, json } in changes {
            match json {
                Some(json) => transaction.prepare_cached(sql)?.execute(params![key, json, now])?,
                None => {
                    transaction.prepare_cached("DELETE FROM _plugin_kv WHERE key = ?1")?.execute([key])?
                }
            };
        }
        Ok(())
    })?;
    access.settings.apply(changes);
    Ok(())
}

/// A prefix is plain text: the range of keys between it and the first text after all that begin with it.
pub fn list(access: &mut Access<'_>, prefix: &str) -> Result<Vec<Document>, Fault> {
    let sql = "SELECT key, value FROM _plugin_kv WHERE key >= ?1 AND (?2 IS NULL OR key < ?2) ORDER BY key";
    let mut statement = access.connection.prepare_cached(sql)?;
    collect_within(statement.query(params![prefix, after_prefix(prefix)])?, access.limits.answer_bytes)
}
