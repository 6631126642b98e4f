//! `POST /admin/plugins/marketplace/{id}/install`.

use axum::extract::{Path, State};
use emdash_plugins::{Access, Consent, InstallOutcome, InstallRequest};
use emdash_types::PluginId;
use serde::Deserialize;

use super::plugin_id;
use crate::AppState;
use crate::request::{Authenticated, OptionalJsonBody};
use crate::respond::{Created, Failure};

/// Upstream's body is `{version?}`; what is agreed to stands beside it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    version: Option<String>,
    /// Agrees to its tools for MCP clients.
    confirm_mcp_tools: bool,
    /// Agrees to whatever the bundle asks for.
    confirm: bool,
    /// Agrees to exactly this.
    access: Option<Access>,
}

impl Body {
    pub fn into_request(self, id: PluginId) -> InstallRequest {
        let consent = match self.access {
            Some(access) => Consent::Exactly(access),
            None if self.confirm => Consent::Everything,
            None => Consent::NotGiven,
        };
        InstallRequest { id, version: self.version, consent, confirm_mcp_tools: self.confirm_mcp_tools }
    }
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<Body>,
) -> Result<Created<InstallOutcome>, Failure> {
    let request = body.into_request(plugin_id(&id)?);
    Ok(Created(state.plugins.install(&caller, request).await?))
}
