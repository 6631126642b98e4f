//! Wishes for plugins: an editor asks, an administrator grants or declines (B28).

use emdash_store::plugins::{PluginRequest, RequestStatus};
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, PluginRequestId, Result};
use serde_json::json;

use super::marketplace::Marketplace;
use super::{InstallOutcome, InstallRequest, require};
use crate::PluginHost;
use crate::host::Site;

/// Longest note or reason, characters.
const MAX_WORDS: usize = 500;
/// Open wishes looked at when one is granted.
const MAX_OPEN: u32 = 1_000;

impl PluginHost {
    /// Asks for a plugin of the marketplace.
    ///
    /// # Errors
    /// `FORBIDDEN` for whoever is no user; `NOT_FOUND`, `ALREADY_INSTALLED`; `CONFLICT` where the user has asked already.
    pub async fn request_plugin(
        &self,
        caller: &Caller,
        plugin: &PluginId,
        note: Option<String>,
    ) -> Result<PluginRequest> {
        require(caller, Permission::PluginsRequest)?;
        let site = &self.site;
        let user = caller.user_id().ok_or_else(|| {
            Error::new(ErrorCode::Forbidden, "Only a user asks for plugins; this caller may install them.")
        })?;
        let note = words("note", note)?;
        site.refuse_installed(plugin).await?;
        if Marketplace::of(site)?.latest(plugin).await?.is_none() {
            return Err(Error::not_found("Plugin", format_args!("{plugin}, in the marketplace")));
        }
        let request = PluginRequest {
            id: site.parts.ambient.id(),
            plugin_id: plugin.clone(),
            note,
            requested_by: user.clone(),
            requested_at: site.parts.ambient.now(),
            status: RequestStatus::Open,
            decided_by: None,
            decided_at: None,
            reason: None,
        };
        site.store_request(caller, &request, "request").await?;
        Ok(request)
    }

    /// The newest wishes, of a status or all.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn plugin_requests(
        &self,
        caller: &Caller,
        status: Option<RequestStatus>,
        limit: u32,
    ) -> Result<Vec<PluginRequest>> {
        require(caller, Permission::PluginsRead)?;
        self.site.parts.store.read().await?.plugin_request_list(status, limit).await
    }

    /// Installs what was asked for; everybody's open wishes for it are granted with it. `install` says version and
    /// consent; its id is the wish's.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` where it was decided already; as [`PluginHost::install`], and it stays open.
    pub async fn grant_plugin(
        &self,
        caller: &Caller,
        id: &PluginRequestId,
        install: impl FnOnce(PluginId) -> InstallRequest,
    ) -> Result<(PluginRequest, InstallOutcome)> {
        require(caller, Permission::PluginsManage)?;
        let request = self.site.open_request(id).await?;
        let outcome = self.install(caller, install(request.plugin_id.clone())).await?;
        let open = self.plugin_requests(caller, Some(RequestStatus::Open), MAX_OPEN).await?;
        for other in open.into_iter().filter(|other| other.plugin_id == request.plugin_id) {
            self.site.decide(caller, other, RequestStatus::Granted, None).await?;
        }
        Ok((self.site.request(id).await?, outcome))
    }

    /// Says no.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` where it was decided already.
    pub async fn decline_plugin(
        &self,
        caller: &Caller,
        id: &PluginRequestId,
        reason: Option<String>,
    ) -> Result<PluginRequest> {
        require(caller, Permission::PluginsManage)?;
        let reason = words("reason", reason)?;
        let request = self.site.open_request(id).await?;
        self.site.decide(caller, request, RequestStatus::Declined, reason).await
    }
}

impl Site {
    async fn request(&self, id: &PluginRequestId) -> Result<PluginRequest> {
        let mut transaction = self.parts.store.read().await?;
        let found = transaction.plugin_request_lookup(id).await?;
        found.ok_or_else(|| Error::not_found("Plugin request", id))
    }

    async fn open_request(&self, id: &PluginRequestId) -> Result<PluginRequest> {
        let request = self.request(id).await?;
        match request.status {
            RequestStatus::Open => Ok(request),
            status => {
                let message = format!("The request was {} already.", status.as_str());
                Err(Error::new(ErrorCode::InvalidState, message))
            }
        }
    }

    async fn decide(
        &self,
        caller: &Caller,
        mut request: PluginRequest,
        status: RequestStatus,
        reason: Option<String>,
    ) -> Result<PluginRequest> {
        request.status = status;
        request.decided_by = Some(super::actor(caller));
        request.decided_at = Some(self.parts.ambient.now());
        request.reason = reason;
        let action = if status == RequestStatus::Granted { "grant" } else { "decline" };
        self.store_request(caller, &request, action).await?;
        Ok(request)
    }

    async fn store_request(&self, caller: &Caller, request: &PluginRequest, action: &str) -> Result<()> {
        let details = json!({"request": request.id, "note": request.note, "reason": request.reason});
        let audit = self.audit(caller, action, &request.plugin_id, details);
        let mut transaction = self.parts.store.write().await?;
        transaction.plugin_request_put(request).await?;
        transaction.audit_add(&audit).await?;
        transaction.commit().await
    }
}

/// Somebody's words, without blanks around; none where nothing is left.
fn words(field: &str, text: Option<String>) -> Result<Option<String>> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text.as_ref().map(|text| text.chars().count()) {
        Some(used) if used > MAX_WORDS => {
            Err(Error::field(field, format!("is {used} characters long; at most {MAX_WORDS} are kept")))
        }
        _ => Ok(text),
    }
}
