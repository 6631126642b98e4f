//! `ctx.log`: the plugin's log, shown to administrators. Beyond the budget lines are dropped.

use serde::Serialize;

use crate::bindings::emdash::plugin::log;
pub use crate::bindings::emdash::plugin::log::Level;

/// Writes a line with data.
pub fn write(level: Level, message: &str, data: &impl Serialize) {
    log::write(level, message, crate::write(data).ok().as_deref());
}

/// For whoever looks closely.
pub fn debug(message: &str) {
    log::write(Level::Debug, message, None);
}

/// Something worth knowing.
pub fn info(message: &str) {
    log::write(Level::Info, message, None);
}

/// Something to look into.
pub fn warn(message: &str) {
    log::write(Level::Warn, message, None);
}

/// Something that failed.
pub fn error(message: &str) {
    log::write(Level::Error, message, None);
}
