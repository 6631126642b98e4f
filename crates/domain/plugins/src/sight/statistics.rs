//! Statistics by hook and route, since the server started.

use std::collections::BTreeMap;
use std::time::Duration;

use emdash_ports::runtime::GuestUsage;
use emdash_types::{Caller, Error, Permission, PluginId, Result};
use parking_lot::Mutex;
use serde::Serialize;

use crate::PluginHost;
use crate::lifecycle::require;

/// Upper bounds of the buckets of wall-clock time, milliseconds; what took longer is in one more bucket.
pub const WALL_BUCKETS_MS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// What the calls of one hook or route came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallStatistics {
    /// Calls.
    pub calls: u64,
    /// Calls that threw, were stopped or answered what is not allowed.
    pub errors: u64,
    /// Refusals on record.
    pub violations: u64,
    /// CPU time of all calls, microseconds.
    pub cpu_us: u64,
    /// Wall-clock time of all calls, microseconds.
    pub wall_us: u64,
    /// Calls by wall-clock time: at most [`WALL_BUCKETS_MS`] each, and longer.
    pub wall_buckets: [u64; WALL_BUCKETS_MS.len() + 1],
    /// Host calls.
    pub host_calls: u64,
    /// Largest memory of a call, bytes.
    pub peak_memory_bytes: u64,
}

/// The statistics of a live plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginStatistics {
    /// The plugin.
    pub plugin_id: PluginId,
    /// Its version.
    pub version: String,
    /// By hook or route: `hook content:beforeSave`, `route count`.
    pub calls: BTreeMap<String, CallStatistics>,
}

/// Counts by hook and route. Both are declared, so there are few.
#[derive(Default)]
pub(super) struct Counts(Mutex<BTreeMap<String, CallStatistics>>);

impl Counts {
    pub(super) fn count(&self, during: &str, change: impl FnOnce(&mut CallStatistics)) {
        let mut counts = self.0.lock();
        match counts.get_mut(during) {
            Some(known) => change(known),
            None => change(counts.entry(during.to_owned()).or_default()),
        }
    }

    pub(super) fn all(&self) -> BTreeMap<String, CallStatistics> {
        self.0.lock().clone()
    }
}

impl CallStatistics {
    pub(super) fn add_call(&mut self, usage: &GuestUsage) {
        self.calls += 1;
        self.wall_us += micros(usage.wall);
        let bucket = WALL_BUCKETS_MS.iter().position(|bound| usage.wall <= Duration::from_millis(*bound));
        if let Some(count) = self.wall_buckets.get_mut(bucket.unwrap_or(WALL_BUCKETS_MS.len())) {
            *count += 1;
        }
        self.add_usage(usage);
    }

    pub(super) fn add_usage(&mut self, usage: &GuestUsage) {
        self.cpu_us += micros(usage.cpu);
        self.host_calls += u64::from(usage.host_calls);
        self.peak_memory_bytes = self.peak_memory_bytes.max(usage.memory_bytes as u64);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl PluginHost {
    /// The statistics of every live plugin since the server started.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn statistics(&self, caller: &Caller) -> Result<Vec<PluginStatistics>> {
        require(caller, Permission::PluginsRead)?;
        let generation = self.site.generation();
        let of = |plugin: &std::sync::Arc<crate::generation::LoadedPlugin>| PluginStatistics {
            plugin_id: plugin.id.clone(),
            version: plugin.version.clone(),
            calls: plugin.meters.statistics(),
        };
        Ok(generation.plugins().iter().map(of).collect())
    }

    /// The statistics of one.
    ///
    /// # Errors
    /// `FORBIDDEN`; `NOT_FOUND` for a plugin that is not live.
    pub fn statistics_of(&self, caller: &Caller, id: &PluginId) -> Result<PluginStatistics> {
        let all = self.statistics(caller)?;
        all.into_iter().find(|found| found.plugin_id == *id).ok_or_else(|| Error::not_found("Plugin", id))
    }
}
