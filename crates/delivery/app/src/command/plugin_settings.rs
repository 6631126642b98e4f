//! `emdash plugin settings`: show and change a plugin's settings, on a running server or in a data directory.

use std::fmt;

use emdash_plugins::SettingsChange;
use emdash_types::{Caller, Error, JsonMap, PluginId, Result, Secret};
use serde::Serialize;
use serde_json::{Value, json};

use super::PluginTarget;
use crate::ambient;
use crate::remote::Remote;
use crate::site::{Site, SiteConfig};

/// What to change; nothing to only look.
#[derive(Clone, Debug, Default)]
pub struct SettingsEdit {
    /// `key=value`: the value is JSON where it reads as JSON, else text.
    pub set: Vec<String>,
    /// Keys to forget.
    pub unset: Vec<String>,
    /// A secret to store, by key.
    pub secret: Option<(String, Secret)>,
    /// `key=host,host`: where a secret may be sent; `key=` for what the manifest says.
    pub bind: Vec<String>,
}

/// A plugin's settings, in the shape of the API's answer.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct SettingsResult(pub Value);

impl fmt::Display for SettingsResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = |name: &str| self.0.get(name).and_then(Value::as_object);
        let mut lines: Vec<String> = Vec::new();
        for (key, value) in member("values").into_iter().flatten() {
            lines.push(format!("{key:<24} {value}"));
        }
        for (key, set) in member("secretsSet").into_iter().flatten() {
            let hosts = self.0["secretHosts"][key].as_array().cloned().unwrap_or_default();
            let hosts: Vec<_> = hosts.iter().filter_map(Value::as_str).collect();
            let state = if set.as_bool() == Some(true) { "secret, set" } else { "secret, not set" };
            let goes = if hosts.is_empty() { "no host".to_owned() } else { hosts.join(", ") };
            lines.push(format!("{key:<24} ({state}; goes to {goes})"));
        }
        if lines.is_empty() {
            return f.write_str("The plugin declares no settings.");
        }
        f.write_str(&lines.join("\n"))
    }
}

/// Changes settings where an edit says so, and shows them.
///
/// # Errors
/// As the API's; `DATABASE_IN_USE` where a data directory is named whose server runs.
pub async fn plugin_settings(
    target: PluginTarget,
    plugin: &str,
    edit: SettingsEdit,
) -> Result<SettingsResult> {
    let id = PluginId::parse(plugin).map_err(|error| Error::field("plugin", error.to_string()))?;
    let change = edit.change()?;
    let value = match target {
        PluginTarget::Server { url, token } => {
            let path = format!("_emdash/api/admin/plugins/{id}/settings");
            let remote = Remote::new(&url, Some(token))?;
            match change {
                None => remote.call("GET", &path, None).await?,
                Some(change) => {
                    let body = json!({"values": change.values, "secretHosts": change.secret_hosts});
                    remote.call("PUT", &path, Some(&body)).await?
                }
            }
        }
        PluginTarget::Data { data, .. } => {
            let _claim = data.claim("(a command)")?;
            let site = Site::open(&data, SiteConfig::default(), &ambient::system()).await?;
            let settings = match change {
                None => site.plugins.settings(&Caller::System, &id).await?,
                Some(change) => site.plugins.change_settings(&Caller::System, &id, change).await?,
            };
            site.close().await;
            serde_json::to_value(settings).map_err(Error::internal)?
        }
    };
    Ok(SettingsResult(value))
}

impl SettingsEdit {
    fn change(self) -> Result<Option<SettingsChange>> {
        let mut values = JsonMap::new();
        for text in &self.set {
            let (key, value) = pair("set", text)?;
            values.insert(key, serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)));
        }
        for key in self.unset {
            values.insert(key, Value::Null);
        }
        if let Some((key, secret)) = self.secret {
            values.insert(key, Value::from(secret.expose()));
        }
        let mut change = SettingsChange { values, ..SettingsChange::default() };
        for text in &self.bind {
            let (key, hosts) = pair("bind", text)?;
            let hosts: Vec<_> = hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
            let hosts = (!hosts.is_empty()).then(|| hosts.into_iter().map(str::to_owned).collect());
            change.secret_hosts.insert(key, hosts);
        }
        let empty = change.values.is_empty() && change.secret_hosts.is_empty();
        Ok((!empty).then_some(change))
    }
}

fn pair<'a>(option: &str, text: &'a str) -> Result<(String, &'a str)> {
    let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or_else(|| Error::field(option, "is written KEY=VALUE"))?;
    Ok((key.to_owned(), value))
}
