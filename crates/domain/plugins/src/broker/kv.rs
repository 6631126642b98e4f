//! `ctx.kv` (plugin contract §3.2).

use emdash_types::Result;

use super::Broker;
use super::answer::{self, NULL};
use super::arguments::Arguments;

impl Broker {
    pub(super) fn kv_get(&self, arguments: &Arguments<'_>) -> Result<String> {
        let key = arguments.text(0, "key")?;
        let json = self.plugin.data.kv_get(&key)?;
        Ok(json.map_or_else(|| NULL.to_owned(), |json| self.shown(&key, json)))
    }

    pub(super) fn kv_set(&self, arguments: &Arguments<'_>) -> Result<String> {
        let (key, json) = (arguments.text(0, "key")?, arguments.json(1, "value")?);
        self.plugin.data.kv_set(&key, &self.kept(&key, json)?)?;
        Ok(NULL.to_owned())
    }

    pub(super) fn kv_delete(&self, arguments: &Arguments<'_>) -> Result<String> {
        Ok(self.plugin.data.kv_delete(&arguments.text(0, "key")?)?.to_string())
    }

    pub(super) fn kv_list(&self, arguments: &Arguments<'_>) -> Result<String> {
        let prefix: String = arguments.optional(0, "prefix", "a string")?;
        let items = self.plugin.data.kv_list(&prefix)?;
        Ok(answer::array(&items, |item| {
            let value = self.shown(&item.id, item.json.clone());
            format!(r#"{{"key":{},"value":{value}}}"#, answer::text(&item.id))
        }))
    }
}
