//! `emdash plugin install|list|enable|update|…`, against a running server or a data directory.

use std::future::Future;

use emdash_plugins::{Consent, InstallRequest, PluginHost, UpdateConsent, UpdateRequest};
use emdash_types::{Caller, Error, PluginId, Result, Secret};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::plugin_result::ManageResult;
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
    /// Bring to another version: `id`, the latest, or `id@version`.
    Update {
        /// Which.
        plugin: String,
        /// Whether what it asks for beyond the installed version is agreed to.
        yes: bool,
    },
    /// Bring everything to its latest version.
    UpdateAll {
        /// Whether what they ask for beyond the installed versions is agreed to.
        yes: bool,
    },
    /// List what could be updated.
    Updates,
    /// Go back to the version before the last update.
    Rollback(String),
    /// Ask for a plugin.
    Request {
        /// Which.
        plugin: String,
        /// What for.
        note: Option<String>,
    },
    /// List who asked for what.
    Requests,
    /// Install what was asked for.
    Grant {
        /// The request.
        request: String,
        /// Whether what the plugin asks for is agreed to.
        yes: bool,
    },
    /// Say no to what was asked for.
    Decline {
        /// The request.
        request: String,
        /// Why.
        reason: Option<String>,
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
        PluginCommand::Update { plugin, yes } => {
            let (id, version) = split(&plugin)?;
            let body = json!({"version": version, "confirm": yes});
            remote.call("POST", &format!("{BASE}/{id}/update"), Some(&body)).await
        }
        PluginCommand::UpdateAll { yes } => {
            let updates = remote.call("GET", &format!("{BASE}/updates"), None).await?;
            update_each(&updates, |id| async move {
                let body = json!({"confirm": yes});
                remote.call("POST", &format!("{BASE}/{id}/update"), Some(&body)).await
            })
            .await
        }
        PluginCommand::Updates => remote.call("GET", &format!("{BASE}/updates"), None).await,
        PluginCommand::Rollback(plugin) => act(remote, &plugin, "rollback").await,
        PluginCommand::Request { plugin, note } => {
            let body = json!({"pluginId": split(&plugin)?.0, "note": note});
            remote.call("POST", &format!("{BASE}/requests"), Some(&body)).await
        }
        PluginCommand::Requests => remote.call("GET", &format!("{BASE}/requests"), None).await,
        PluginCommand::Grant { request, yes } => {
            let body = json!({"confirm": yes});
            remote.call("POST", &format!("{BASE}/requests/{}/grant", segment(&request)?), Some(&body)).await
        }
        PluginCommand::Decline { request, reason } => {
            let body = json!({"reason": reason});
            remote.call("POST", &format!("{BASE}/requests/{}/decline", segment(&request)?), Some(&body)).await
        }
        PluginCommand::Enable(plugin) => act(remote, &plugin, "enable").await,
        PluginCommand::Disable(plugin) => act(remote, &plugin, "disable").await,
        PluginCommand::Uninstall { plugin, delete_data } => {
            let body = json!({"deleteData": delete_data});
            remote.call("POST", &format!("{BASE}/{}/uninstall", split(&plugin)?.0), Some(&body)).await
        }
    }
}

/// The id of a request, as part of a path.
fn segment(id: &str) -> Result<&str> {
    match !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        true => Ok(id),
        false => Err(Error::field("request", "is not the id of a request")),
    }
}

async fn act(remote: &Remote, plugin: &str, action: &str) -> Result<Value> {
    remote.call("POST", &format!("{BASE}/{}/{action}", split(plugin)?.0), None).await
}

/// Updates one after another; one that is refused does not keep the next from it.
async fn update_each<F: Future<Output = Result<Value>>>(
    updates: &Value,
    update: impl Fn(String) -> F,
) -> Result<Value> {
    let due = updates["items"].as_array().into_iter().flatten().filter(|check| check["hasUpdate"] == true);
    let mut items = Vec::new();
    for id in due.filter_map(|check| check["pluginId"].as_str()) {
        items.push(match update(id.to_owned()).await {
            Ok(outcome) => outcome,
            Err(error) => json!({
                "pluginId": id,
                "error": {"code": error.code().name(), "message": error.message(), "hint": error.hint_text()},
            }),
        });
    }
    Ok(json!({"updated": items}))
}

async fn locally(data: &DataDir, marketplace: Option<Url>, command: PluginCommand) -> Result<Value> {
    let _claim = data.claim("(a command)")?;
    let config = SiteConfig { marketplace, ..SiteConfig::default() };
    let site = Site::open(data, config, &ambient::system()).await?;
    let answer = on_host(&site.plugins, command).await;
    site.close().await;
    answer
}

async fn on_host(plugins: &PluginHost, command: PluginCommand) -> Result<Value> {
    let caller = &Caller::System;
    Ok(match command {
        PluginCommand::List => json!({"items": value(plugins.list(caller).await?)?}),
        PluginCommand::Install { plugin, yes } => {
            let (id, version) = split(&plugin)?;
            let consent = if yes { Consent::Everything } else { Consent::NotGiven };
            let request = InstallRequest { id, version, consent, confirm_mcp_tools: yes };
            value(plugins.install(caller, request).await?)?
        }
        PluginCommand::Update { plugin, yes } => {
            let (id, version) = split(&plugin)?;
            update(plugins, id, version, yes).await?
        }
        PluginCommand::UpdateAll { yes } => {
            let updates = json!({"items": value(plugins.updates(caller).await?)?});
            update_each(&updates, |id| async move { update(plugins, split(&id)?.0, None, yes).await }).await?
        }
        PluginCommand::Updates => json!({"items": value(plugins.updates(caller).await?)?}),
        PluginCommand::Request { .. }
        | PluginCommand::Requests
        | PluginCommand::Grant { .. }
        | PluginCommand::Decline { .. } => {
            return Err(Error::field("url", "is needed: requests are between the users of a running server")
                .hint("Pass --url and --token."));
        }
        PluginCommand::Rollback(plugin) => value(plugins.roll_back(caller, &split(&plugin)?.0).await?)?,
        PluginCommand::Enable(plugin) => {
            json!({"item": value(plugins.enable(caller, &split(&plugin)?.0).await?)?})
        }
        PluginCommand::Disable(plugin) => {
            json!({"item": value(plugins.disable(caller, &split(&plugin)?.0).await?)?})
        }
        PluginCommand::Uninstall { plugin, delete_data } => {
            let id = split(&plugin)?.0;
            json!({"pluginId": id, "dataDeleted": plugins.uninstall(caller, &id, delete_data).await?})
        }
    })
}

async fn update(plugins: &PluginHost, id: PluginId, version: Option<String>, yes: bool) -> Result<Value> {
    let consent = if yes { UpdateConsent::everything() } else { UpdateConsent::default() };
    value(plugins.update(&Caller::System, UpdateRequest { id, version, consent }).await?)
}

fn value<T: Serialize>(answer: T) -> Result<Value> {
    serde_json::to_value(answer).map_err(Error::internal)
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
