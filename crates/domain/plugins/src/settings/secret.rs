//! Secrets as they are stored, as the plugin sees them, and where they may go (ruling 3).

use std::fmt::Write;

use emdash_manifest::HostPattern;
use emdash_types::{PluginId, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::check::invalid;

/// A secret in the plugin's data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SealedSecret {
    /// The vault's text.
    #[serde(rename = "$sealed")]
    pub(crate) sealed: String,
    /// Where an administrator bound it to; `None` for what the manifest says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hosts: Option<Vec<HostPattern>>,
}

impl SealedSecret {
    pub(crate) fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The name a secret is sealed under; the key layout of B12.
pub(super) fn name(plugin: &PluginId, key: &str) -> String {
    format!("settings:{plugin}:{key}")
}

/// What a plugin gets instead of a secret. Letters, digits and `_` only: it survives URLs, headers and JSON as it is.
/// It is no secret; it is worth something only in a request of this plugin to a host the secret is bound to.
pub(crate) fn placeholder(plugin: &PluginId, key: &str) -> String {
    let hash = Sha256::digest(name(plugin, key));
    let mut text = "EMDASH_SECRET_".to_owned();
    for byte in hash.iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The hosts a secret may be sent to: an administrator's word, else the manifest's for this secret, else those the
/// plugin lists at all. A plugin that may reach any host has none by itself.
pub(crate) fn bound<'a>(
    sealed: Option<&'a SealedSecret>,
    declared: Option<&'a [HostPattern]>,
    listed: &'a [HostPattern],
) -> &'a [HostPattern] {
    sealed.and_then(|sealed| sealed.hosts.as_deref()).or(declared).unwrap_or(listed)
}

pub(super) fn parse_hosts(key: &str, hosts: Option<&[String]>) -> Result<Option<Vec<HostPattern>>> {
    let Some(hosts) = hosts else { return Ok(None) };
    let parse = |host: &String| {
        HostPattern::parse(host).map_err(|why| {
            invalid(key, format!("\"{host}\" is no host the secret \"{key}\" can be bound to: {why}"))
        })
    };
    hosts.iter().map(parse).collect::<Result<_>>().map(Some)
}
