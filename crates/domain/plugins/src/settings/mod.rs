//! A plugin's settings: the generated form's side and the plugin's side of the same keys
//! (B12–B14, ruling 3; plugin contract §6.8).
//!
//! A setting is the key `settings:<key>` of the plugin's own data, so a form of the plugin's own and the generated
//! one meet in the same place. A secret is sealed there; the plugin only ever sees a placeholder.

mod check;
mod panel;
mod secret;

use std::collections::BTreeMap;
use std::sync::Arc;

use emdash_manifest::{HostPattern, Setting, SettingKind};
use emdash_ports::plugin_data::{KeyChange, PluginData, SETTINGS_PREFIX};
use emdash_types::{Caller, JsonMap, Permission, PluginId, Result, Secret};
use serde::Serialize;
use serde_json::{Value, json};

use crate::PluginHost;
use crate::host::Site;
use crate::lifecycle::require;

pub(crate) use check::checked;
pub(crate) use secret::{SealedSecret, bound, placeholder};

/// A plugin's settings as the admin's form shows them. Secrets go in and never come out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginSettings {
    /// The form: key to field, as the manifest declares it.
    pub schema: JsonMap,
    /// Saved values or defaults; `null` where there is neither. Without secrets.
    pub values: JsonMap,
    /// Which secrets are set.
    pub secrets_set: BTreeMap<String, bool>,
    /// The hosts each secret may be sent to, as they are in effect.
    pub secret_hosts: BTreeMap<String, Vec<String>>,
    /// Changes with every change of a setting; send it back to be told when somebody was faster.
    pub version: u64,
}

/// What to change about a plugin's settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsChange {
    /// New values by key; `null` forgets one.
    pub values: JsonMap,
    /// Hosts to bind secrets to, by key; `None` for what the manifest says.
    pub secret_hosts: BTreeMap<String, Option<Vec<String>>>,
    /// The version the caller saw, where that matters.
    pub version: Option<u64>,
}

/// The settings of one installed plugin, live or not.
struct Target {
    id: PluginId,
    fields: Vec<Setting>,
    listed_hosts: Vec<HostPattern>,
    data: Arc<dyn PluginData>,
}

impl PluginHost {
    /// A plugin's settings.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn settings(&self, caller: &Caller, id: &PluginId) -> Result<PluginSettings> {
        require(caller, Permission::PluginsManage)?;
        self.site.settings_target(id).await?.view()
    }

    /// Changes settings, all or none; the plugin's next call sees them.
    ///
    /// # Errors
    /// `NOT_FOUND`; `VALIDATION_ERROR` naming the setting; `CONFLICT` where they were changed since the version given.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        id: &PluginId,
        change: SettingsChange,
    ) -> Result<PluginSettings> {
        require(caller, Permission::PluginsManage)?;
        let target = self.site.settings_target(id).await?;
        let changes = self.site.key_changes(&target, &change)?;
        let mut keys: Vec<_> = change.values.keys().chain(change.secret_hosts.keys()).collect();
        keys.sort();
        keys.dedup();
        let audit = self.site.audit(caller, "settings", id, json!({"keys": keys}));
        let mut transaction = self.site.parts.store.write().await?;
        transaction.audit_add(&audit).await?;
        target.data.kv_change(&changes, change.version)?;
        transaction.commit().await?;
        target.view()
    }
}

impl Site {
    async fn settings_target(&self, id: &PluginId) -> Result<Target> {
        if let Some(plugin) = self.generation().plugin(id) {
            return Ok(Target {
                id: id.clone(),
                fields: plugin.manifest.admin.settings.clone(),
                listed_hosts: plugin.granted.hosts.iter().cloned().collect(),
                data: Arc::clone(&plugin.data),
            });
        }
        let state = self.state(id).await?;
        let manifest = self.installed_bundle(&state).await?.manifest;
        Ok(Target {
            id: id.clone(),
            fields: manifest.admin.settings.clone(),
            listed_hosts: manifest.listed_hosts().to_vec(),
            data: self.open_data(&manifest)?,
        })
    }

    fn key_changes(&self, target: &Target, change: &SettingsChange) -> Result<Vec<KeyChange>> {
        let mut changes = Vec::new();
        for (key, value) in &change.values {
            let field = target.field(key)?;
            let json = match (value, &field.kind) {
                (Value::Null, _) => None,
                (value, SettingKind::Secret { .. }) => {
                    let text = check::secret_text(field, value)?;
                    let hosts = match change.secret_hosts.get(key) {
                        Some(hosts) => secret::parse_hosts(key, hosts.as_deref())?,
                        None => target.sealed(key)?.and_then(|sealed| sealed.hosts),
                    };
                    Some(self.seal(&target.id, key, &text, hosts)?)
                }
                (value, _) => Some(checked(field, value)?.to_string()),
            };
            changes.push(KeyChange { key: full_key(key), json });
        }
        for (key, hosts) in &change.secret_hosts {
            let field = target.field(key)?;
            if !matches!(field.kind, SettingKind::Secret { .. }) {
                return Err(check::invalid(key, format!("Setting \"{key}\" is not a secret")));
            }
            if change.values.contains_key(key) {
                continue;
            }
            let Some(mut sealed) = target.sealed(key)? else {
                return Err(check::invalid(key, format!("Secret \"{key}\" is not set; bind it when it is")));
            };
            sealed.hosts = secret::parse_hosts(key, hosts.as_deref())?;
            changes.push(KeyChange { key: full_key(key), json: Some(sealed.to_json()) });
        }
        Ok(changes)
    }

    /// A secret as it is stored.
    pub(crate) fn seal(
        &self,
        plugin: &PluginId,
        key: &str,
        text: &str,
        hosts: Option<Vec<HostPattern>>,
    ) -> Result<String> {
        let sealed = self.parts.vault.seal(&secret::name(plugin, key), &Secret::new(text.to_owned()))?;
        Ok(SealedSecret { sealed, hosts }.to_json())
    }

    /// A stored secret in the clear, for the way out.
    pub(crate) fn unseal(&self, plugin: &PluginId, key: &str, sealed: &SealedSecret) -> Result<Secret> {
        self.parts.vault.open(&secret::name(plugin, key), &sealed.sealed)
    }
}

impl Target {
    fn field(&self, key: &str) -> Result<&Setting> {
        self.fields.iter().find(|field| field.key == *key).ok_or_else(|| {
            check::invalid(key, format!("Unknown setting \"{key}\" for plugin \"{}\"", self.id))
        })
    }

    fn stored(&self, key: &str) -> Result<Option<String>> {
        self.data.kv_get(&full_key(key))
    }

    fn sealed(&self, key: &str) -> Result<Option<SealedSecret>> {
        Ok(self.stored(key)?.and_then(|json| SealedSecret::read(&json)))
    }

    fn view(&self) -> Result<PluginSettings> {
        let mut view = PluginSettings {
            schema: JsonMap::new(),
            values: JsonMap::new(),
            secrets_set: BTreeMap::new(),
            secret_hosts: BTreeMap::new(),
            version: self.data.settings_version()?,
        };
        for field in &self.fields {
            let key = &field.key;
            view.schema.insert(key.clone(), field.to_json());
            if let SettingKind::Secret { hosts: declared } = &field.kind {
                let sealed = self.sealed(key)?;
                let hosts = bound(sealed.as_ref(), declared.as_deref(), &self.listed_hosts);
                let names = hosts.iter().map(|host| host.as_str().to_owned()).collect();
                view.secrets_set.insert(key.clone(), self.stored(key)?.is_some());
                view.secret_hosts.insert(key.clone(), names);
            } else {
                let stored = self.stored(key)?.and_then(|json| serde_json::from_str(&json).ok());
                view.values.insert(key.clone(), stored.unwrap_or_else(|| default_of(field)));
            }
        }
        Ok(view)
    }
}

/// The key in the plugin's data.
pub(crate) fn full_key(key: &str) -> String {
    format!("{SETTINGS_PREFIX}{key}")
}

/// The value of a setting nobody saved.
pub(crate) fn default_of(field: &Setting) -> Value {
    match &field.kind {
        SettingKind::String { default, .. }
        | SettingKind::Select { default, .. }
        | SettingKind::Url { default, .. }
        | SettingKind::Email { default, .. } => json!(default),
        SettingKind::Number { default, .. } => match default {
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(*number as i64),
            other => json!(other),
        },
        SettingKind::Boolean { default } => json!(default),
        SettingKind::Secret { .. } => Value::Null,
    }
}
