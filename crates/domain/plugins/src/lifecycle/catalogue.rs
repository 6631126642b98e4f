//! The marketplace's catalogue, as the admin of the site shows it (plugin contract §7.2, §8.8).

use bytes::Bytes;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde_json::Value;

use super::marketplace::Marketplace;
use super::require;
use crate::PluginHost;

/// Parameters a search may carry (plugin contract §8.8).
const PARAMETERS: [&str; 6] = ["q", "category", "capability", "sort", "cursor", "limit"];
/// Pictures a browser is shown from the marketplace.
const PICTURES: [&str; 4] = ["image/png", "image/webp", "image/jpeg", "image/svg+xml"];

impl PluginHost {
    /// A page of the marketplace's catalogue, in its own words. `query` is a query string; what the contract does not
    /// name is left out.
    ///
    /// # Errors
    /// `FORBIDDEN`, `MARKETPLACE_NOT_CONFIGURED`, `MARKETPLACE_UNAVAILABLE`.
    pub async fn catalogue(&self, caller: &Caller, query: &str) -> Result<Value> {
        require(caller, Permission::PluginsRead)?;
        let parameters = url::form_urlencoded::parse(query.as_bytes());
        let kept: Vec<(String, String)> = parameters
            .filter(|(name, _)| PARAMETERS.contains(&name.as_ref()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Marketplace::of(&self.site)?.search(&kept).await
    }

    /// A plugin of the marketplace, in its own words.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`PluginHost::catalogue`].
    pub async fn catalogue_entry(&self, caller: &Caller, id: &PluginId) -> Result<Value> {
        require(caller, Permission::PluginsRead)?;
        Marketplace::of(&self.site)?.detail(id).await
    }

    /// The icon of a plugin of the marketplace: media type and bytes.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`PluginHost::catalogue`].
    pub async fn catalogue_icon(&self, caller: &Caller, id: &PluginId) -> Result<(&'static str, Bytes)> {
        require(caller, Permission::PluginsRead)?;
        let (kind, bytes) = Marketplace::of(&self.site)?.icon(id).await?;
        let known = PICTURES.into_iter().find(|picture| kind.split(';').next() == Some(picture));
        let kind = known.ok_or_else(|| {
            Error::new(
                ErrorCode::MarketplaceUnavailable,
                "The marketplace answers with something that is no picture.",
            )
        })?;
        Ok((kind, bytes))
    }
}
