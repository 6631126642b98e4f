//! Recorded calls of plugins.

use async_trait::async_trait;
use emdash_store::plugins::{RecordedCall, RecordedCallRepository};
use emdash_types::{CallId, PluginId, Result};

use crate::row::Reader;
use crate::value::bind;
use crate::{Row, SqlTransaction};

const CALL: &str = "id, plugin_id, version, during, error, at, recording";
const CALL_FACTS: &str = "id, plugin_id, version, during, error, at, '' AS recording";

fn recorded_call(row: Row) -> Result<RecordedCall> {
    let mut row = Reader::new("_emdash_recorded_calls", row);
    Ok(RecordedCall {
        id: row.id("id")?,
        plugin_id: row.checked("plugin_id")?,
        version: row.text("version")?,
        during: row.text("during")?,
        error: row.optional_text("error")?,
        at: row.time("at")?,
        recording: row.text("recording")?,
    })
}

#[async_trait]
impl RecordedCallRepository for SqlTransaction {
    async fn recorded_call_add(&mut self, call: &RecordedCall, keep: u32) -> Result<()> {
        self.execute(
            &format!("INSERT INTO _emdash_recorded_calls ({CALL}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
            &bind![call.id, call.plugin_id, call.version, call.during, call.error, call.at, call.recording],
        )
        .await?;
        let newest =
            "SELECT id FROM _emdash_recorded_calls WHERE plugin_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2";
        let sql = format!("DELETE FROM _emdash_recorded_calls WHERE plugin_id = ?1 AND id NOT IN ({newest})");
        self.execute(&sql, &bind![call.plugin_id, keep]).await?;
        Ok(())
    }

    async fn recorded_call_lookup(&mut self, id: &CallId) -> Result<Option<RecordedCall>> {
        let sql = format!("SELECT {CALL} FROM _emdash_recorded_calls WHERE id = ?1");
        self.one(&sql, &bind![id], recorded_call).await
    }

    async fn recorded_call_list(
        &mut self,
        plugin: Option<&PluginId>,
        limit: u32,
    ) -> Result<Vec<RecordedCall>> {
        let condition = if plugin.is_some() { "WHERE plugin_id = ?2" } else { "" };
        let sql = format!(
            "SELECT {CALL_FACTS} FROM _emdash_recorded_calls {condition} ORDER BY at DESC, id DESC LIMIT ?1"
        );
        let mut values = bind![limit].to_vec();
        values.extend(plugin.map(crate::value::Bind::value));
        self.all(&sql, &values, recorded_call).await
    }

    async fn recorded_call_delete_of(&mut self, plugin: &PluginId) -> Result<()> {
        self.execute("DELETE FROM _emdash_recorded_calls WHERE plugin_id = ?1", &bind![plugin]).await?;
        Ok(())
    }
}
