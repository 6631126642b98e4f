//! `ctx.log` (plugin contract §3.12): to the plugin's own log and the server's.

use emdash_types::Result;
use serde_json::Value;

use super::Broker;
use super::answer::NULL;
use super::arguments::Arguments;
use crate::LogLine;
use crate::words::cut;

const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];

impl Broker {
    /// Keeps a line. Beyond the budget lines are dropped, which is no error to the plugin: nobody awaits a log call.
    pub(super) fn log(&self, arguments: &Arguments<'_>) -> Result<String> {
        if let Err(error) = self.ledger.count_log_line() {
            self.ledger.note(&error);
            return Ok(NULL.to_owned());
        }
        let limit = self.plugin.manifest.budgets.log_line_bytes;
        let level: String = arguments.required(0, "level", "a string")?;
        let message: String = arguments.required(1, "message", "a string")?;
        let data: Option<Value> = match arguments.json(2, "data") {
            Ok(json) if json.len() <= limit => serde_json::from_str(json).ok(),
            Ok(json) => Some(Value::from(cut(json, limit))),
            Err(_) => None,
        };
        let level = LEVELS.into_iter().find(|known| *known == level).unwrap_or("info");
        self.keep(level, cut(&message, limit).to_owned(), data);
        Ok(NULL.to_owned())
    }

    fn keep(&self, level: &str, message: String, data: Option<Value>) {
        let during = self.ledger.during();
        let plugin = self.plugin.id.as_str();
        let shown = data.as_ref().map(Value::to_string);
        match level {
            "error" => tracing::error!(target: "plugin", plugin, during, data = shown, "{message}"),
            "warn" => tracing::warn!(target: "plugin", plugin, during, data = shown, "{message}"),
            "debug" => tracing::debug!(target: "plugin", plugin, during, data = shown, "{message}"),
            _ => tracing::info!(target: "plugin", plugin, during, data = shown, "{message}"),
        }
        let at = self.site.parts.ambient.now();
        self.plugin.meters.keep(LogLine { number: 0, at, level: level.to_owned(), during, message, data });
    }
}
