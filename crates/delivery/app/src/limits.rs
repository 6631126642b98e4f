//! Limits of evaluating a module once, wherever that happens: on a site, at the marketplace, in the bundler.

use std::sync::Arc;
use std::time::Duration;

use emdash_ports::runtime::{InstanceLimits, PluginSource};

/// CPU time module evaluation may use (plugin contract §9: its own budget, not the first call's).
const PREPARATION_CPU: Duration = Duration::from_millis(500);

/// A module to be evaluated, with the limits of evaluation.
pub(crate) fn preparation(label: &str, code: &str) -> PluginSource {
    PluginSource {
        label: label.to_owned(),
        code: Arc::from(code),
        limits: InstanceLimits {
            memory_bytes: 64 * 1024 * 1024,
            pending_operations: 0,
            payload_bytes: 1024 * 1024,
        },
        cpu: PREPARATION_CPU,
    }
}
