//! `ctx.kv` (plugin contract §3.2).

use emdash_ports::plugin_data::PluginData;
use emdash_types::Result;

use super::answer::{self, NULL};
use super::arguments::Arguments;

pub(super) fn get(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    Ok(data.kv_get(&arguments.text(0, "key")?)?.unwrap_or_else(|| NULL.to_owned()))
}

pub(super) fn set(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    data.kv_set(&arguments.text(0, "key")?, arguments.json(1, "value")?)?;
    Ok(NULL.to_owned())
}

pub(super) fn delete(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    Ok(data.kv_delete(&arguments.text(0, "key")?)?.to_string())
}

pub(super) fn list(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    let prefix: String = arguments.optional(0, "prefix", "a string")?;
    let items = data.kv_list(&prefix)?;
    Ok(answer::array(&items, |item| format!(r#"{{"key":{},"value":{}}}"#, answer::text(&item.id), item.json)))
}
