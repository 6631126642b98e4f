//! `ctx.settings` (plugin contract §6.8, [NEXT] #3173): the settings of `ctx.kv` with the manifest's defaults.

use std::borrow::Cow;

use emdash_manifest::{Setting, SettingKind};
use emdash_ports::plugin_data::SETTINGS_PREFIX;
use emdash_types::Result;
use serde_json::Value;

use super::Broker;
use super::answer::{self, NULL};
use super::arguments::Arguments;
use crate::settings::{SealedSecret, checked, default_of, full_key, placeholder};

impl Broker {
    pub(super) fn settings_get(&self, arguments: &Arguments<'_>) -> Result<String> {
        let key = arguments.text(0, "key")?;
        let full = full_key(&key);
        if let Some(json) = self.plugin.data.kv_get(&full)? {
            return Ok(self.shown(&full, json));
        }
        Ok(self.setting(&key).map_or(Value::Null, default_of).to_string())
    }

    /// What is saved, and what has a default; without the secrets.
    pub(super) fn settings_list(&self) -> Result<String> {
        let saved = self.plugin.data.kv_list(SETTINGS_PREFIX)?;
        let pair = |key: &str, json: &str| format!(r#"{{"key":{},"value":{json}}}"#, answer::text(key));
        let mut items = Vec::new();
        for item in &saved {
            let key = item.id.strip_prefix(SETTINGS_PREFIX).unwrap_or(&item.id);
            if !self.is_secret(&item.id) {
                items.push(pair(key, &item.json));
            }
        }
        for field in &self.plugin.manifest.admin.settings {
            let default = default_of(field);
            if !default.is_null() && !saved.iter().any(|item| item.id == full_key(&field.key)) {
                items.push(pair(&field.key, &default.to_string()));
            }
        }
        Ok(format!("[{}]", items.join(",")))
    }

    pub(super) fn settings_set(&self, arguments: &Arguments<'_>) -> Result<String> {
        let (key, json) = (arguments.text(0, "key")?, arguments.json(1, "value")?);
        if let Some(field) = self.setting(&key) {
            checked(field, &arguments.required(1, "value", "JSON")?)?;
        }
        let full = full_key(&key);
        self.plugin.data.kv_set(&full, &self.kept(&full, json)?)?;
        Ok(NULL.to_owned())
    }

    pub(super) fn settings_delete(&self, arguments: &Arguments<'_>) -> Result<String> {
        Ok(self.plugin.data.kv_delete(&full_key(&arguments.text(0, "key")?))?.to_string())
    }

    fn setting(&self, key: &str) -> Option<&Setting> {
        self.plugin.manifest.admin.settings.iter().find(|field| field.key == key)
    }

    /// Whether a key of the plugin's data is a secret of its manifest.
    fn is_secret(&self, full: &str) -> bool {
        let field = full.strip_prefix(SETTINGS_PREFIX).and_then(|key| self.setting(key));
        field.is_some_and(|field| matches!(field.kind, SettingKind::Secret { .. }))
    }

    /// A stored value as the plugin may see it: a placeholder where it is sealed (ruling 3).
    pub(super) fn shown(&self, full: &str, json: String) -> String {
        match full.strip_prefix(SETTINGS_PREFIX) {
            Some(key) if SealedSecret::read(&json).is_some() => {
                answer::text(&placeholder(&self.plugin.id, key))
            }
            _ => json,
        }
    }

    /// A value as it is stored: sealed where the manifest calls it a secret. Writing the placeholder back, as a
    /// form does that was not touched, changes nothing.
    pub(super) fn kept<'a>(&self, full: &str, json: &'a str) -> Result<Cow<'a, str>> {
        let Some(key) = full.strip_prefix(SETTINGS_PREFIX).filter(|_| self.is_secret(full)) else {
            return Ok(Cow::Borrowed(json));
        };
        let text = serde_json::from_str::<String>(json).unwrap_or_default();
        let stored = self.plugin.data.kv_get(full)?;
        if let Some(stored) = stored.as_ref().filter(|_| text == placeholder(&self.plugin.id, key)) {
            return Ok(Cow::Owned(stored.clone()));
        }
        if text.is_empty() {
            return Ok(Cow::Borrowed(json));
        }
        let hosts = stored.and_then(|stored| SealedSecret::read(&stored)?.hosts);
        self.site.seal(&self.plugin.id, key, &text, hosts).map(Cow::Owned)
    }
}
