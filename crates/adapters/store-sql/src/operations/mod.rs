//! Options, jobs, audit and import bookkeeping.

mod jobs;

use async_trait::async_trait;
use emdash_store::operations::{AuditRecord, AuditRepository, ImportRepository, OptionRepository};
use emdash_types::Result;
use serde_json::Value as Json;

use crate::row::Reader;
use crate::value::bind;
use crate::{Row, SqlTransaction};

#[async_trait]
impl OptionRepository for SqlTransaction {
    async fn option_lookup(&mut self, name: &str) -> Result<Option<Json>> {
        self.one("SELECT name, value FROM options WHERE name = ?1", &bind![name], |row| Ok(option(row)?.1))
            .await
    }

    async fn option_list(&mut self, prefix: &str) -> Result<Vec<(String, Json)>> {
        // The last code point sorts after everything that can follow the prefix.
        let end = format!("{prefix}\u{10FFFF}");
        let sql = "SELECT name, value FROM options WHERE name >= ?1 AND name < ?2 ORDER BY name";
        self.all(sql, &bind![prefix, end], option).await
    }

    async fn option_set(&mut self, name: &str, value: &Json) -> Result<()> {
        let sql = "INSERT INTO options (name, value) VALUES (?1, ?2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.execute(sql, &bind![name, value]).await?;
        Ok(())
    }

    async fn option_delete(&mut self, name: &str) -> Result<bool> {
        Ok(self.execute("DELETE FROM options WHERE name = ?1", &bind![name]).await? > 0)
    }
}

fn option(row: Row) -> Result<(String, Json)> {
    let mut row = Reader::new("options", row);
    Ok((row.text("name")?, row.json("value")?))
}

#[async_trait]
impl AuditRepository for SqlTransaction {
    async fn audit_add(&mut self, record: &AuditRecord) -> Result<()> {
        let (kind, id) = match record.resource.split_once('/') {
            Some((kind, id)) => (kind, Some(id)),
            None => (record.resource.as_str(), None),
        };
        self.execute(
            "INSERT INTO audit_logs (id, timestamp, actor_id, action, resource_type, resource_id, details) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &bind![record.id, record.at, record.actor, record.action, kind, id, record.details],
        )
        .await?;
        Ok(())
    }

    async fn audit_list(&mut self, limit: u32) -> Result<Vec<AuditRecord>> {
        let sql = "SELECT id, timestamp, actor_id, action, resource_type, resource_id, details \
                   FROM audit_logs ORDER BY timestamp DESC, id DESC LIMIT ?1";
        self.all(sql, &bind![limit], audit_record).await
    }
}

fn audit_record(row: Row) -> Result<AuditRecord> {
    let mut row = Reader::new("audit_logs", row);
    Ok(AuditRecord {
        id: row.id("id")?,
        at: row.time("timestamp")?,
        actor: row.text("actor_id")?,
        action: row.text("action")?,
        resource: {
            let kind = row.text("resource_type")?;
            match row.optional_text("resource_id")? {
                Some(id) => format!("{kind}/{id}"),
                None => kind,
            }
        },
        details: row.json("details")?,
    })
}

#[async_trait]
impl ImportRepository for SqlTransaction {
    async fn import_lookup(&mut self, source: &str, kind: &str, external_id: &str) -> Result<Option<String>> {
        let sql = "SELECT id FROM _emdash_import_map WHERE source = ?1 AND kind = ?2 AND external_id = ?3";
        self.one(sql, &bind![source, kind, external_id], |row| {
            Reader::new("_emdash_import_map", row).text("id")
        })
        .await
    }

    async fn import_put(&mut self, source: &str, kind: &str, external_id: &str, id: &str) -> Result<()> {
        let sql = "INSERT INTO _emdash_import_map (source, kind, external_id, id) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (source, kind, external_id) DO UPDATE SET id = excluded.id";
        self.execute(sql, &bind![source, kind, external_id, id]).await?;
        Ok(())
    }

    async fn import_list(&mut self, source: &str, kind: &str) -> Result<Vec<(String, String)>> {
        let sql = "SELECT external_id, id FROM _emdash_import_map \
                   WHERE source = ?1 AND kind = ?2 ORDER BY external_id";
        self.all(sql, &bind![source, kind], |row| {
            let mut row = Reader::new("_emdash_import_map", row);
            Ok((row.text("external_id")?, row.text("id")?))
        })
        .await
    }
}
