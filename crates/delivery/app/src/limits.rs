//! Limits of evaluating a module once, wherever that happens: on a site, at the marketplace, in the bundler.

use std::time::Duration;

use emdash_ports::runtime::{InstanceLimits, PluginCode, PluginSource};

/// CPU time module evaluation may use (plugin contract §9: its own budget, not the first call's).
const PREPARATION_CPU: Duration = Duration::from_millis(500);

/// Code to be evaluated, with the limits of evaluation.
pub(crate) fn preparation(label: &str, code: PluginCode) -> PluginSource {
    PluginSource {
        label: label.to_owned(),
        code,
        limits: InstanceLimits {
            memory_bytes: 64 * 1024 * 1024,
            pending_operations: 0,
            payload_bytes: 1024 * 1024,
        },
        cpu: PREPARATION_CPU,
    }
}
