//! Documents by id (plugin contract §3.3).

use emdash_manifest::StorageCollection;
use emdash_ports::plugin_data::Document;
use emdash_types::{Error, ErrorCode};
use rusqlite::{OptionalExtension, Rows, params};

use crate::database::{Access, Fault};

/// A declared collection.
pub struct Collection {
    pub name: String,
    pub number: i64,
    pub shape: StorageCollection,
}

/// The refusal of a collection the manifest does not declare.
pub fn undeclared(name: &str) -> Error {
    let shown: String = name.chars().take(80).collect();
    Error::new(ErrorCode::CollectionUndeclared, format!("Storage collection not declared: {shown}"))
        .hint("Declare it under \"storage\" in the plugin's manifest.")
}

pub fn get(access: &mut Access<'_>, collection: &Collection, id: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT data FROM _plugin_storage WHERE collection = ?1 AND id = ?2";
    let mut statement = access.connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![collection.number, id], |row| row.get(0)).optional()?)
}

pub fn get_many(
    access: &mut Access<'_>,
    collection: &Collection,
    ids: &[String],
) -> Result<Vec<Document>, Fault> {
    let sql = "SELECT id, data FROM _plugin_storage
               WHERE collection = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY id";
    let mut statement = access.connection.prepare_cached(sql)?;
    collect_within(statement.query(params![collection.number, json_array(ids)])?, access.limits.answer_bytes)
}

pub fn exists(access: &mut Access<'_>, collection: &Collection, id: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM _plugin_storage WHERE collection = ?1 AND id = ?2";
    Ok(access.connection.prepare_cached(sql)?.exists(params![collection.number, id])?)
}

pub fn put_many(
    access: &mut Access<'_>,
    collection: &Collection,
    documents: &[Document],
) -> Result<(), Fault> {
    for document in documents {
        access.check_key("id", &document.id)?;
        access.check_document("document", &document.json)?;
    }
    let now = access.now;
    access.write(|transaction| {
        let mut statement = transaction.prepare_cached(
            "INSERT INTO _plugin_storage (collection, id, data, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (collection, id) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at",
        )?;
        for document in documents {
            statement.execute(params![collection.number, document.id, document.json, now])?;
        }
        Ok(())
    })
}

pub fn delete_many(access: &mut Access<'_>, collection: &Collection, ids: &[String]) -> Result<u64, Fault> {
    let sql = "DELETE FROM _plugin_storage WHERE collection = ?1 AND id IN (SELECT value FROM json_each(?2))";
    let deleted =
        access.connection.prepare_cached(sql)?.execute(params![collection.number, json_array(ids)])?;
    Ok(u64::try_from(deleted).unwrap_or_default())
}

/// Rows of id and JSON, refused when together they are too much for one answer.
pub fn collect_within(mut rows: Rows<'_>, limit: usize) -> Result<Vec<Document>, Fault> {
    let mut documents = Vec::new();
    let mut used = 0_usize;
    while let Some(row) = rows.next()? {
        let document = Document { id: row.get(0)?, json: row.get(1)? };
        used = used.saturating_add(document.id.len()).saturating_add(document.json.len());
        if used > limit {
            let message = format!("The answer is longer than {limit} bytes. Ask for less at once.");
            return Err(Error::new(ErrorCode::ResponseTooLarge, message).into());
        }
        documents.push(document);
    }
    Ok(documents)
}

fn json_array(ids: &[String]) -> String {
    serde_json::Value::from(ids).to_string()
}
