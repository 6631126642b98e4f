//! `emdash plugin install|list|enable|disable|uninstall`, against a running server or a data directory.

use std::fmt;

use emdash_plugins::{Consent, InstallRequest};
use emdash_types::{Caller, Error, PluginId, Result, Secret};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::remote::{Remote, parse_base};
use crate::site::{Site, SiteConfig};
use crate::{DataDir, ambient};

/// Where the plugins are.
#[derive(Clone, Debug)]
pub enum PluginTarget {
    /// A running server, with a token that may manage plugins.
    Server {
        /// Its address.
        url: String,
        /// Personal access token.
        token: Secret,
    },
    /// The data directory of a server that does not run.
    Data {
        /// The directory.
        data: DataDir,
        /// The marketplace to install from.
        marketplace: Option<String>,
    },
}

/// What to do.
#[derive(Clone, Debug)]
pub enum PluginCommand {
    /// List what is installed.
    List,
    /// Install `id` or `id@version`.
    Install {
        /// Which.
        plugin: String,
        /// Whether what it asks for is agreed to.
        yes: bool,
    },
    /// Switch on.
    Enable(String),
    /// Switch off.
    Disable(String),
    /// Remove.
    Uninstall {
        /// Which.
        plugin: String,
        /// Whether its data goes too.
        delete_data: bool,
    },
}

/// What was done, in the shape of the API's answer.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ManageResult(pub Value);

impl fmt::Display for ManageResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(items) = self.0.get("items").and_then(Value::as_array) {
            if items.is_empty() {
                return f.write_str("No plugins are installed. `emdash plugin install ID` installs one.");
            }
            let lines = items.iter().map(|item| {
                format!(
                    "{:<28} {:<10} {:<9} {}",
                    text(item, "id"),
                    text(item, "version"),
                    text(item, "status"),
                    text(item, "disabledReason")
                )
            });
            return f.write_str(lines.collect::<Vec<_>>().join("\n").trim_end());
        }
        if let Some(item) = self.0.get("item") {
            return write!(f, "{} {} is {}.", text(item, "id"), text(item, "version"), text(item, "status"));
        }
        match self.0.get("dataDeleted").and_then(Value::as_bool) {
            Some(true) => write!(f, "{} is removed with its data.", text(&self.0, "pluginId")),
            Some(false) => write!(f, "{} is removed; its data is kept.", text(&self.0, "pluginId")),
            None => {
                write!(f, "{} {} is installed and on.", text(&self.0, "pluginId"), text(&self.0, "version"))
            }
        }
    }
}

/// Carries a command out.
///
/// # Errors
/// As the API's; `DATABASE_IN_USE` where a data directory is named whose server runs.
pub async fn manage(target: PluginTarget, command: PluginCommand) -> Result<ManageResult> {
    let value = match target {
        PluginTarget::Server { url, token } => remotely(&Remote::new(&url, Some(token))?, command).await?,
        PluginTarget::Data { data, marketplace } => {
            let marketplace = marketplace.as_deref().map(parse_base).transpose()?;
            locally(&data, marketplace, command).await?
        }
    };
    Ok(ManageResult(value))
}

const BASE: &str = "_emdash/api/admin/plugins";

async fn remotely(remote: &Remote, command: PluginCommand) -> Result<Value> {
    match command {
        PluginCommand::List => remote.call("GET", BASE, None).await,
        PluginCommand::Install { plugin, yes } => {
            let (id, version) = split(&plugin)?;
            let body = json!({"version": version, "confirm": yes});
            remote.call("POST", &format!("{BASE}/marketplace/{id}/install"), Some(&body)).await
        }
        PluginCommand::Enable(plugin) => {
            remote.call("POST", &format!("{BASE}/{}/enable", split(&plugin)?.0), None).await
        }
        PluginCommand::Disable(plugin) => {
            remote.call("POST", &format!("{BASE}/{}/disable", split(&plugin)?.0), None).await
        }
        PluginCommand::Uninstall { plugin, delete_data } => {
            let body = json!({"deleteData": delete_data});
            remote.call("POST", &format!("{BASE}/{}/uninstall", split(&plugin)?.0), Some(&body)).await
        }
    }
}

async fn locally(data: &DataDir, marketplace: Option<Url>, command: PluginCommand) -> Result<Value> {
    let _claim = data.claim("(a command)")?;
    let config = SiteConfig { marketplace, ..SiteConfig::default() };
    let site = Site::open(data, config, &ambient::system()).await?;
    let plugins = &site.plugins;
    let caller = Caller::System;
    let json = |value: serde_json::Result<Value>| value.map_err(Error::internal);
    let answer = match command {
        PluginCommand::List => json!({"items": json(serde_json::to_value(plugins.list(&caller).await?))?}),
        PluginCommand::Install { plugin, yes } => {
            let (id, version) = split(&plugin)?;
            let consent = if yes { Consent::Everything } else { Consent::NotGiven };
            let outcome = plugins.install(&caller, InstallRequest { id, version, consent }).await?;
            json(serde_json::to_value(outcome))?
        }
        PluginCommand::Enable(plugin) => {
            json!({"item": json(serde_json::to_value(plugins.enable(&caller, &split(&plugin)?.0).await?))?})
        }
        PluginCommand::Disable(plugin) => {
            json!({"item": json(serde_json::to_value(plugins.disable(&caller, &split(&plugin)?.0).await?))?})
        }
        PluginCommand::Uninstall { plugin, delete_data } => {
            let id = split(&plugin)?.0;
            json!({"pluginId": id, "dataDeleted": plugins.uninstall(&caller, &id, delete_data).await?})
        }
    };
    site.close().await;
    Ok(answer)
}

/// `id` or `id@version`.
fn split(text: &str) -> Result<(PluginId, Option<String>)> {
    let (id, version) = match text.split_once('@') {
        Some((id, version)) => (id, Some(version.to_owned())),
        None => (text, None),
    };
    let id = PluginId::parse(id).map_err(|error| Error::field("plugin", error.to_string()))?;
    Ok((id, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_named_with_or_without_version() {
        assert_eq!(split("audit-log").unwrap().1, None);
        assert_eq!(split("audit-log@0.2.0").unwrap().1.as_deref(), Some("0.2.0"));
        assert!(split("@scope/name").is_err());
    }
}
