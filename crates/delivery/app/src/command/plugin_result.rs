//! What the plugin commands say.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// What was done, in the shape of the API's answer.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ManageResult(pub Value);

impl ManageResult {
    /// Whether a part of it was refused.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.0["updated"].as_array().into_iter().flatten().any(|item| item.get("error").is_some())
    }
}

impl fmt::Display for ManageResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = &self.0;
        if let Some(items) = answer["updated"].as_array() {
            return list(f, items, "Everything is up to date.", updated);
        }
        if let Some(items) = answer["items"].as_array() {
            return match items.first() {
                Some(first) if first.get("hasUpdate").is_some() => list(f, items, "", check),
                Some(first) if first.get("requestedBy").is_some() => list(f, items, "", wish),
                _ => list(
                    f,
                    items,
                    "No plugins are installed. `emdash plugin install ID` installs one.",
                    plugin,
                ),
            };
        }
        if let Some(item) = answer.get("item").filter(|item| item.get("requestedBy").is_some()) {
            return f.write_str(&wish(item));
        }
        if let Some(item) = answer.get("item") {
            return write!(f, "{} {} is {}.", text(item, "id"), text(item, "version"), text(item, "status"));
        }
        if answer.get("newVersion").is_some() {
            return f.write_str(&updated(answer));
        }
        let id = text(answer, "pluginId");
        match answer["dataDeleted"].as_bool() {
            Some(true) => write!(f, "{id} is removed with its data."),
            Some(false) => write!(f, "{id} is removed; its data is kept."),
            None => write!(f, "{id} {} is installed and on.", text(answer, "version")),
        }
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn list(
    f: &mut fmt::Formatter<'_>,
    items: &[Value],
    nothing: &str,
    line: impl Fn(&Value) -> String,
) -> fmt::Result {
    if items.is_empty() {
        return f.write_str(nothing);
    }
    f.write_str(items.iter().map(line).collect::<Vec<_>>().join("\n").trim_end())
}

fn plugin(item: &Value) -> String {
    let reason = match text(item, "disabledReason") {
        "" => text(item, "rollbackReason"),
        reason => reason,
    };
    let (id, version, status) = (text(item, "id"), text(item, "version"), text(item, "status"));
    format!("{id:<28} {version:<10} {status:<9} {reason}")
}

fn check(item: &Value) -> String {
    let (id, installed, latest) = (text(item, "pluginId"), text(item, "installed"), text(item, "latest"));
    match item["hasUpdate"].as_bool() {
        Some(true) => format!("{id:<28} {installed} → {latest}"),
        _ => format!("{id:<28} {installed} is the latest"),
    }
}

fn wish(item: &Value) -> String {
    let words = match text(item, "reason") {
        "" => text(item, "note"),
        reason => reason,
    };
    format!("{} {:<28} {:<9} {words}", text(item, "id"), text(item, "pluginId"), text(item, "status"))
}

/// A line for an update or a rollback.
fn updated(item: &Value) -> String {
    let id = text(item, "pluginId");
    if let Some(error) = item.get("error") {
        return format!("{id}: {} ({})", text(error, "message"), text(error, "code"));
    }
    let (old, new) = (text(item, "oldVersion"), text(item, "newVersion"));
    match text(item, "dataAsOf") {
        "" => format!("{id} is at version {new} now; it was at {old}."),
        at => format!("{id} is back at version {new}, with its data as of {at}; it was at {old}."),
    }
}
