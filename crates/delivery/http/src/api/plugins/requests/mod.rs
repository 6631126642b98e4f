//! Wishes for plugins: editors ask, administrators grant or decline (B28).

pub mod create;
pub mod decline;
pub mod grant;
pub mod list;

use emdash_store::plugins::PluginRequest;
use emdash_types::Timestamp;
use serde::Serialize;

/// A wish, as the admin shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    id: String,
    plugin_id: String,
    note: Option<String>,
    requested_by: String,
    requested_at: Timestamp,
    status: &'static str,
    decided_by: Option<String>,
    decided_at: Option<Timestamp>,
    reason: Option<String>,
}

/// `{item}`.
#[derive(Serialize)]
pub struct ItemAnswer {
    pub item: Item,
}

impl From<PluginRequest> for Item {
    fn from(request: PluginRequest) -> Self {
        Self {
            id: request.id.to_string(),
            plugin_id: request.plugin_id.into(),
            note: request.note,
            requested_by: request.requested_by.to_string(),
            requested_at: request.requested_at,
            status: request.status.as_str(),
            decided_by: request.decided_by,
            decided_at: request.decided_at,
            reason: request.reason,
        }
    }
}
