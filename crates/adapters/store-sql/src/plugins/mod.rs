//! Installed plugins, their violations, their tasks and their recorded calls.

mod calls;
mod cron;

use async_trait::async_trait;
use emdash_store::plugins::{
    PluginRequest, PluginRequestRepository, PluginState, PluginStateRepository, PluginStatus, RequestStatus,
    Violation, ViolationRepository,
};
use emdash_types::{Error, ErrorCode, PluginId, PluginRequestId, Result};
use serde::Serialize;

use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlError, SqlTransaction};

const STATE: &str = "plugin_id, version, status, source, display_name, description, bundle_key, checksum, \
                     granted_capabilities, granted_hosts, disabled_reason, installed_at, activated_at, deactivated_at, \
                     mcp_tools_enabled, previous, unfinished, rollback_reason";

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
        mcp_tools_enabled: row.flag("mcp_tools_enabled")?,
        previous: row.optional_json("previous")?,
        unfinished: row.optional_json("unfinished")?,
        rollback_reason: row.optional_text("rollback_reason")?,
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
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
                 ?15, ?16, ?17, ?18) \
                 ON CONFLICT (plugin_id) DO UPDATE SET version = excluded.version, status = excluded.status, \
                 source = excluded.source, display_name = excluded.display_name, \
                 description = excluded.description, bundle_key = excluded.bundle_key, \
                 checksum = excluded.checksum, granted_capabilities = excluded.granted_capabilities, \
                 granted_hosts = excluded.granted_hosts, disabled_reason = excluded.disabled_reason, \
                 installed_at = excluded.installed_at, activated_at = excluded.activated_at, \
                 deactivated_at = excluded.deactivated_at, mcp_tools_enabled = excluded.mcp_tools_enabled, \
                 previous = excluded.previous, unfinished = excluded.unfinished, \
                 rollback_reason = excluded.rollback_reason"
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
                state.mcp_tools_enabled,
                optional_json(state.previous.as_ref())?,
                optional_json(state.unfinished.as_ref())?,
                state.rollback_reason,
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

/// JSON text of what there is.
fn optional_json<T: Serialize>(value: Option<&T>) -> Result<Option<String>> {
    value.map(serde_json::to_string).transpose().map_err(Error::internal)
}

const REQUEST: &str =
    "id, plugin_id, note, requested_by, requested_at, status, decided_by, decided_at, reason";

fn request(row: Row) -> Result<PluginRequest> {
    let mut row = Reader::new("_plugin_requests", row);
    Ok(PluginRequest {
        id: row.id("id")?,
        plugin_id: row.checked("plugin_id")?,
        note: row.optional_text("note")?,
        requested_by: row.id("requested_by")?,
        requested_at: row.time("requested_at")?,
        status: row.word("status", RequestStatus::parse)?,
        decided_by: row.optional_text("decided_by")?,
        decided_at: row.optional_time("decided_at")?,
        reason: row.optional_text("reason")?,
    })
}

fn asked_already(error: SqlError, request: &PluginRequest) -> Error {
    error.or_conflict(|violation| {
        violation.is(&["plugin_id", "requested_by"], "_plugin_requests_open").then(|| {
            let message = format!("There is an open request for {} of yours already.", request.plugin_id);
            Error::new(ErrorCode::Conflict, message)
        })
    })
}

#[async_trait]
impl PluginRequestRepository for SqlTransaction {
    async fn plugin_request_put(&mut self, request: &PluginRequest) -> Result<()> {
        self.attempt(
            &format!(
                "INSERT INTO _plugin_requests ({REQUEST}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                 ON CONFLICT (id) DO UPDATE SET status = excluded.status, decided_by = excluded.decided_by, \
                 decided_at = excluded.decided_at, reason = excluded.reason"
            ),
            &bind![
                request.id,
                request.plugin_id,
                request.note,
                request.requested_by,
                request.requested_at,
                request.status.as_str(),
                request.decided_by,
                request.decided_at,
                request.reason
            ],
        )
        .await
        .map_err(|error| asked_already(error, request))?;
        Ok(())
    }

    async fn plugin_request_lookup(&mut self, id: &PluginRequestId) -> Result<Option<PluginRequest>> {
        let sql = format!("SELECT {REQUEST} FROM _plugin_requests WHERE id = ?1");
        self.one(&sql, &bind![id], request).await
    }

    async fn plugin_request_list(
        &mut self,
        status: Option<RequestStatus>,
        limit: u32,
    ) -> Result<Vec<PluginRequest>> {
        let condition = if status.is_some() { "WHERE status = ?2" } else { "" };
        let sql = format!(
            "SELECT {REQUEST} FROM _plugin_requests {condition} ORDER BY requested_at DESC, id DESC LIMIT ?1"
        );
        let mut values = bind![limit].to_vec();
        values.extend(status.map(|status| crate::Value::Text(status.as_str().to_owned())));
        self.all(&sql, &values, request).await
    }
}
