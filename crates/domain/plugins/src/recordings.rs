//! Recorded calls: which are kept, and how they are looked at and played again.

use std::collections::HashMap;
use std::sync::Arc;

use emdash_ports::recording::{Recording, ReplayReport, not_replayable};
use emdash_store::plugins::RecordedCall;
use emdash_types::{CallId, Caller, Error, ErrorCode, Permission, PluginId, Result, Timestamp};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::PluginHost;
use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::lifecycle::require;

/// Largest recording kept, bytes.
pub(crate) const RECORDING_BYTES: usize = 512 * 1024;
/// Recordings kept per plugin; the oldest go.
const KEPT_PER_PLUGIN: u32 = 50;
/// Recordings waiting to be written; beyond, new ones are dropped: a flood of failures must not fill memory.
const WAITING: usize = 32;
/// Recordings kept per plugin and minute: a plugin that always fails must not keep the database busy.
const KEPT_PER_MINUTE: u32 = 20;
const MINUTE_MILLIS: i64 = 60_000;
/// The option the policy is kept in.
const OPTION: &str = "emdash:plugin_recording";

/// Which calls are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordingPolicy {
    /// Calls that throw, or are stopped.
    pub errors: bool,
    /// The share of all calls, 0 to 1.
    pub sample: f64,
}

impl Default for RecordingPolicy {
    fn default() -> Self {
        Self { errors: true, sample: 0.0 }
    }
}

/// What is known of a recorded call.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallInfo {
    /// Id.
    pub id: CallId,
    /// The plugin.
    pub plugin_id: PluginId,
    /// Its version.
    pub version: String,
    /// The first hook or route.
    pub during: String,
    /// The code of what went wrong, where something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A recorded call with what happened in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecording {
    /// Id.
    pub id: CallId,
    /// The plugin.
    pub plugin_id: PluginId,
    /// Its version.
    pub version: String,
    /// Everything that crossed the border, in order.
    pub recording: Recording,
}

/// What a site records.
#[derive(Default)]
pub(crate) struct Recordings {
    policy: RwLock<RecordingPolicy>,
    unwritten: Mutex<Vec<RecordedCall>>,
    /// The minute under way and what was kept in it, by plugin.
    minutes: Mutex<HashMap<PluginId, (i64, u32)>>,
}

impl Recordings {
    /// Whether another recording of the plugin may be kept in this minute; counts it.
    fn allows(&self, plugin: &PluginId, now: Timestamp) -> bool {
        let minute = now.as_millis() / MINUTE_MILLIS;
        let mut minutes = self.minutes.lock();
        let (known, kept) = minutes.entry(plugin.clone()).or_insert((minute, 0));
        if *known != minute {
            (*known, *kept) = (minute, 0);
        }
        *kept = kept.saturating_add(1);
        *kept <= KEPT_PER_MINUTE
    }
}

/// Whether an instance is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Not at all.
    No,
    /// To be kept where something goes wrong.
    Failures,
    /// To be kept.
    Always,
}

impl PluginHost {
    /// Which calls are recorded.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn recording_policy(&self, caller: &Caller) -> Result<RecordingPolicy> {
        require(caller, Permission::PluginsManage)?;
        Ok(*self.site.recordings.policy.read())
    }

    /// Changes which calls are recorded, from the next call on.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a share that is none.
    pub async fn set_recording_policy(
        &self,
        caller: &Caller,
        policy: RecordingPolicy,
    ) -> Result<RecordingPolicy> {
        require(caller, Permission::PluginsManage)?;
        if !(0.0..=1.0).contains(&policy.sample) {
            return Err(Error::field("sample", format!("is a share from 0 to 1, not {}", policy.sample)));
        }
        let mut transaction = self.site.parts.store.write().await?;
        transaction.option_set(OPTION, &json!(policy)).await?;
        transaction.commit().await?;
        *self.site.recordings.policy.write() = policy;
        Ok(policy)
    }

    /// The newest recorded calls, of one plugin or of all.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub async fn recorded_calls(
        &self,
        caller: &Caller,
        plugin: Option<&PluginId>,
        limit: u32,
    ) -> Result<Vec<CallInfo>> {
        require(caller, Permission::PluginsManage)?;
        self.site.write_recordings().await;
        let mut transaction = self.site.parts.store.read().await?;
        let calls = transaction.recorded_call_list(plugin, limit).await?;
        Ok(calls.into_iter().map(info).collect())
    }

    /// A recorded call with its recording: to be read, or kept in a file and played later.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn recorded_call(&self, caller: &Caller, id: &CallId) -> Result<CallRecording> {
        require(caller, Permission::PluginsManage)?;
        self.site.write_recordings().await;
        let mut transaction = self.site.parts.store.read().await?;
        let call = transaction.recorded_call_lookup(id).await?;
        let call = call.ok_or_else(|| Error::not_found("Recorded call", id))?;
        let recording = serde_json::from_str(&call.recording).map_err(Error::internal)?;
        Ok(CallRecording { id: call.id, plugin_id: call.plugin_id, version: call.version, recording })
    }

    /// Plays a recorded call with the installed code: no host call is made, nothing is changed.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NO_VERSION` where another version is installed by now.
    pub async fn replay(&self, caller: &Caller, id: &CallId) -> Result<ReplayReport> {
        let call = self.recorded_call(caller, id).await?;
        let plugin = self.site.installed_as(&call).await?;
        plugin.image.replay().ok_or_else(not_replayable)?.replay(Arc::new(call.recording)).await
    }
}

fn info(call: RecordedCall) -> CallInfo {
    let RecordedCall { id, plugin_id, version, during, error, at, .. } = call;
    CallInfo { id, plugin_id, version, during, error, at }
}

impl Site {
    /// The code that made a recording.
    async fn installed_as(&self, call: &CallRecording) -> Result<Arc<LoadedPlugin>> {
        let live = self.generation().plugin(&call.plugin_id).cloned();
        let plugin = match live {
            Some(plugin) => plugin,
            None => self.load_installed(&self.state(&call.plugin_id).await?).await?,
        };
        if plugin.version == call.version {
            return Ok(plugin);
        }
        let message = format!(
            "The call was made by {}@{}; {} is installed now.",
            call.plugin_id,
            call.version,
            plugin.label()
        );
        Err(Error::new(ErrorCode::NoVersion, message)
            .hint("Save the recording and play it with that version's bundle: `emdash plugin replay FILE --bundle BUNDLE`."))
    }

    /// Reads the policy; called when the site starts.
    pub(crate) async fn load_recording_policy(&self) -> Result<()> {
        let stored = self.parts.store.read().await?.option_lookup(OPTION).await?;
        if let Some(policy) = stored.and_then(|value| serde_json::from_value(value).ok()) {
            *self.recordings.policy.write() = policy;
        }
        Ok(())
    }

    /// Whether the instance about to start is recorded.
    pub(crate) fn wanted(&self) -> Wanted {
        let RecordingPolicy { errors, sample } = *self.recordings.policy.read();
        let drawn = || f64::from(u32::from_le_bytes(self.parts.ambient.bytes())) / f64::from(u32::MAX);
        if sample > 0.0 && drawn() <= sample {
            Wanted::Always
        } else if errors {
            Wanted::Failures
        } else {
            Wanted::No
        }
    }

    /// Keeps a recording for [`Site::write_recordings`], which it begins.
    pub(crate) fn keep(
        self: &Arc<Self>,
        plugin: &LoadedPlugin,
        during: &str,
        error: Option<&str>,
        recording: &Recording,
    ) {
        if !self.recordings.allows(&plugin.id, self.parts.ambient.now()) {
            return;
        }
        let call = RecordedCall {
            id: self.parts.ambient.id(),
            plugin_id: plugin.id.clone(),
            version: plugin.version.clone(),
            during: during.to_owned(),
            error: error.map(str::to_owned),
            at: self.parts.ambient.now(),
            recording: serde_json::to_string(recording).unwrap_or_default(),
        };
        {
            let mut unwritten = self.recordings.unwritten.lock();
            if unwritten.len() >= WAITING {
                tracing::warn!(plugin = %plugin.label(), during, "too many failures at once: this call is not recorded");
                return;
            }
            unwritten.push(call);
        }
        let site = Arc::clone(self);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { site.write_recordings().await });
        }
    }

    /// Writes what waits, if anything does. What cannot be written is dropped: a recording is no record of duty.
    pub(crate) async fn write_recordings(&self) {
        let calls = std::mem::take(&mut *self.recordings.unwritten.lock());
        if calls.is_empty() {
            return;
        }
        let written = async {
            let mut transaction = self.parts.store.write().await?;
            for call in &calls {
                transaction.recorded_call_add(call, KEPT_PER_PLUGIN).await?;
            }
            transaction.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!(%error, "calls of plugins cannot be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use emdash_types::testing::ambient;

    use super::*;

    #[test]
    fn a_plugin_that_always_fails_is_recorded_a_few_times_a_minute_and_does_not_crowd_out_others() {
        let (ambient, clock) = ambient(1);
        let [failing, other] = ["failing", "other"].map(|id| PluginId::parse(id).unwrap());
        let recordings = Recordings::default();
        let kept = || (0..100).filter(|_| recordings.allows(&failing, ambient.now())).count();
        assert_eq!(kept(), KEPT_PER_MINUTE as usize);
        assert!(recordings.allows(&other, ambient.now()));
        clock.advance_millis(60_000);
        assert_eq!(kept(), KEPT_PER_MINUTE as usize);
    }
}
