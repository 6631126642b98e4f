//! Wishes for plugins: who may not install one asks somebody who may (B28).

use async_trait::async_trait;
use emdash_types::{PluginId, PluginRequestId, Result, Timestamp, UserId};

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// Nobody has decided.
    Open,
    /// The plugin was installed for it.
    Granted,
    /// Somebody said no.
    Declined,
}

impl RequestStatus {
    /// The text in column and wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Declined => "declined",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Granted, Self::Declined].into_iter().find(|status| status.as_str() == text)
    }
}

/// Somebody's wish for a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginRequest {
    /// Id.
    pub id: PluginRequestId,
    /// The plugin, as the marketplace knows it.
    pub plugin_id: PluginId,
    /// What for, in the words of whoever asks.
    pub note: Option<String>,
    /// Who asks.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Timestamp,
    /// What became of it.
    pub status: RequestStatus,
    /// Who decided: `user:<id>` or `system`.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why, in the words of whoever decided.
    pub reason: Option<String>,
}

/// Wishes for plugins on one site.
#[async_trait]
pub trait PluginRequestRepository {
    /// Stores one, or what became of it.
    ///
    /// # Errors
    /// `CONFLICT` where the same user has an open one for the plugin.
    async fn plugin_request_put(&mut self, request: &PluginRequest) -> Result<()>;

    /// By id.
    async fn plugin_request_lookup(&mut self, id: &PluginRequestId) -> Result<Option<PluginRequest>>;

    /// The newest `limit` of a status, or of all.
    async fn plugin_request_list(
        &mut self,
        status: Option<RequestStatus>,
        limit: u32,
    ) -> Result<Vec<PluginRequest>>;
}
