//! Installed plugins and their violations.

use async_trait::async_trait;
use emdash_store::plugins::{
    PluginState, PluginStateRepository, PluginStatus, Violation, ViolationRepository,
};
use emdash_types::{PluginId, Result};

use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlTransaction};

const STATE: &str = "plugin_id, version, status, source, display_name, description, bundle_key, checksum, \
                     granted_capabilities, granted_hosts, disabled_reason, installed_at, activated_at, deactivated_at";

fn state(row: Row) -> Result<PluginState> {
    let mut row = Reader::new("_plugin_state", row);
    Ok(PluginState {
        id: row.checked("plugin_id")?,
        version: row.text("version")?,
        status: row.word("status", PluginStatus::parse)?,
        source: row.text("source")?,
        display_name: row.optional_text("display_name")?,
        description: row.optional_text("description")?,
        bundle_key: row.text("bundle_key")?,
        checksum: row.text("checksum")?,
        granted_capabilities: row.json("granted_capabilities")?,
        granted_hosts: row.json("granted_hosts")?,
        disabled_reason: row.optional_text("disabled_reason")?,
        installed_at: row.time("installed_at")?,
        activated_at: row.optional_time("activated_at")?,
        deactivated_at: row.optional_time("deactivated_at")?,
    })
}

#[async_trait]
impl PluginStateRepository for SqlTransaction {
    async fn plugin_lookup(&mut self, id: &PluginId) -> Result<Option<PluginState>> {
        let sql = format!("SELECT {STATE} FROM _plugin_state WHERE plugin_id = ?1");
        self.one(&sql, &bind![id], state).await
    }

    async fn plugin_list(&mut self) -> Result<Vec<PluginState>> {
        let sql = format!("SELECT {STATE} FROM _plugin_state ORDER BY installed_at, plugin_id");
        self.all(&sql, &[], state).await
    }

    async fn plugin_put(&mut self, state: &PluginState) -> Result<()> {
        self.execute(
            &format!(
                "INSERT INTO _plugin_state ({STATE}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
                 ON CONFLICT (plugin_id) DO UPDATE SET version = excluded.version, status = excluded.status, \
                 source = excluded.source, display_name = excluded.display_name, \
                 description = excluded.description, bundle_key = excluded.bundle_key, \
                 checksum = excluded.checksum, granted_capabilities = excluded.granted_capabilities, \
                 granted_hosts = excluded.granted_hosts, disabled_reason = excluded.disabled_reason, \
                 installed_at = excluded.installed_at, activated_at = excluded.activated_at, \
                 deactivated_at = excluded.deactivated_at"
            ),
            &bind![
                state.id,
                state.version,
                state.status.as_str(),
                state.source,
                state.display_name,
                state.description,
                state.bundle_key,
                state.checksum,
                json_list(state.granted_capabilities.iter().map(String::as_str)),
                json_list(state.granted_hosts.iter().map(String::as_str)),
                state.disabled_reason,
                state.installed_at,
                state.activated_at,
                state.deactivated_at,
            ],
        )
        .await?;
        Ok(())
    }

    async fn plugin_delete(&mut self, id: &PluginId) -> Result<()> {
        self.execute("DELETE FROM _plugin_state WHERE plugin_id = ?1", &bind![id]).await?;
        Ok(())
    }
}

const VIOLATION: &str = "id, plugin_id, version, during, code, message, at";

fn violation(row: Row) -> Result<Violation> {
    let mut row = Reader::new("_emdash_violations", row);
    Ok(Violation {
        id: row.id("id")?,
        plugin_id: row.checked("plugin_id")?,
        version: row.text("version")?,
        during: row.text("during")?,
        code: row.text("code")?,
        message: row.text("message")?,
        at: row.time("at")?,
    })
}

#[async_trait]
impl ViolationRepository for SqlTransaction {
    async fn violation_add(&mut self, violation: &Violation) -> Result<()> {
        self.execute(
            &format!("INSERT INTO _emdash_violations ({VIOLATION}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
            &bind![
                violation.id,
                violation.plugin_id,
                violation.version,
                violation.during,
                violation.code,
                violation.message,
                violation.at
            ],
        )
        .await?;
        Ok(())
    }

    async fn violation_list(&mut self, plugin: Option<&PluginId>, limit: u32) -> Result<Vec<Violation>> {
        let condition = if plugin.is_some() { "WHERE plugin_id = ?2" } else { "" };
        let sql = format!(
            "SELECT {VIOLATION} FROM _emdash_violations {condition} ORDER BY at DESC, id DESC LIMIT ?1"
        );
        let mut values = bind![limit].to_vec();
        values.extend(plugin.map(crate::value::Bind::value));
        self.all(&sql, &values, violation).await
    }

    async fn violation_counts(&mut self) -> Result<Vec<(PluginId, String, u64)>> {
        let sql = "SELECT plugin_id, code, count(*) FROM _emdash_violations \
                   GROUP BY plugin_id, code ORDER BY plugin_id, code";
        self.all(sql, &[], |row| {
            let mut row = Reader::new("_emdash_violations", row);
            Ok((row.checked("plugin_id")?, row.text("code")?, row.number("count")?))
        })
        .await
    }
}
