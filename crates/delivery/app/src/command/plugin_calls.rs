//! `emdash plugin calls|replay|recording`: the debugger for what plugins did.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use emdash_manifest::{Bundle, BundleLimits};
use emdash_plugins::{CallRecording, RecordingPolicy};
use emdash_ports::recording::{Answer, Event, Moment, Outcome, ReplayReport, not_replayable};
use emdash_ports::runtime::{PluginRuntime, PluginSource};
use emdash_types::{Caller, Error, ErrorCode, PluginId, Result};
use serde::Serialize;
use serde_json::{Value, json};

use super::PluginTarget;
use crate::DataDir;
use crate::ambient;
use crate::remote::Remote;
use crate::sandbox::sandbox;
use crate::site::{Site, SiteConfig};

const CALLS: &str = "_emdash/api/admin/plugin-calls";
const RECORDING: &str = "_emdash/api/admin/plugin-recording";

/// The recorded calls.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct CallsResult(pub Value);

impl fmt::Display for CallsResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = self.0["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        if items.is_empty() {
            return f.write_str(
                "No calls are recorded. Calls that fail are; `emdash plugin recording` says which else.",
            );
        }
        let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let lines = items.iter().map(|item| {
            let plugin = format!("{}@{}", text(item, "pluginId"), text(item, "version"));
            let error = item["error"].as_str().unwrap_or("ok");
            format!(
                "{}  {}  {plugin:<28} {:<32} {error}",
                text(item, "id"),
                text(item, "at"),
                text(item, "during")
            )
        });
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

/// Lists recorded calls, newest first.
///
/// # Errors
/// As the API's; `DATABASE_IN_USE` where a data directory is named whose server runs.
pub async fn plugin_calls(target: PluginTarget, plugin: Option<&str>, limit: u32) -> Result<CallsResult> {
    let id = plugin.map(PluginId::parse).transpose();
    let id = id.map_err(|error| Error::field("plugin", error.to_string()))?;
    let value = match target {
        PluginTarget::Server { url, token } => {
            let filter = id.map(|id| format!("&pluginId={id}")).unwrap_or_default();
            let path = format!("{CALLS}?limit={limit}{filter}");
            Remote::new(&url, Some(token))?.call("GET", &path, None).await?
        }
        PluginTarget::Data { data, .. } => {
            let _claim = data.claim("(a command)")?;
            let site = Site::open(&data, SiteConfig::default(), &ambient::system()).await?;
            let calls = site.plugins.recorded_calls(&Caller::System, id.as_ref(), limit).await?;
            site.close().await;
            json!({"items": calls})
        }
    };
    Ok(CallsResult(value))
}

/// Which calls are recorded.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct PolicyResult(pub RecordingPolicy);

impl fmt::Display for PolicyResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RecordingPolicy { errors, sample } = self.0;
        let failures = if errors { "Calls that fail are recorded" } else { "Failures are not recorded" };
        write!(f, "{failures}; of all calls, {:.2} %.", sample * 100.0)
    }
}

/// Shows which calls are recorded, or changes it.
///
/// # Errors
/// As the API's.
pub async fn plugin_recording(
    target: PluginTarget,
    errors: Option<bool>,
    sample: Option<f64>,
) -> Result<PolicyResult> {
    let changed = |now: RecordingPolicy| RecordingPolicy {
        errors: errors.unwrap_or(now.errors),
        sample: sample.unwrap_or(now.sample),
    };
    let read = |value: Value| serde_json::from_value(value).map_err(Error::internal);
    let asks = errors.is_some() || sample.is_some();
    let policy = match target {
        PluginTarget::Server { url, token } => {
            let remote = Remote::new(&url, Some(token))?;
            let now: RecordingPolicy = read(remote.call("GET", RECORDING, None).await?)?;
            if asks { read(remote.call("PUT", RECORDING, Some(&json!(changed(now)))).await?)? } else { now }
        }
        PluginTarget::Data { data, .. } => {
            let _claim = data.claim("(a command)")?;
            let site = Site::open(&data, SiteConfig::default(), &ambient::system()).await?;
            let now = site.plugins.recording_policy(&Caller::System)?;
            let policy = if asks {
                site.plugins.set_recording_policy(&Caller::System, changed(now)).await?
            } else {
                now
            };
            site.close().await;
            policy
        }
    };
    Ok(PolicyResult(policy))
}

/// A replay, with what happened in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayResult {
    /// Whether it came out as recorded.
    pub identical: bool,
    /// The replay.
    pub report: ReplayReport,
    /// The recording's moments, in order.
    pub trace: Vec<Moment>,
}

/// What to play.
#[derive(Clone, Debug)]
pub enum ReplaySource {
    /// A call the site recorded, with the code installed there.
    Call(String),
    /// A recording in a file, with the code of a bundle.
    File {
        /// The recording.
        recording: std::path::PathBuf,
        /// The bundle.
        bundle: std::path::PathBuf,
    },
}

/// Plays a recorded call, here, without a single call to the outside.
///
/// # Errors
/// `NOT_FOUND`; `NO_VERSION`; what is wrong with a file.
pub async fn plugin_replay(target: PluginTarget, source: ReplaySource) -> Result<ReplayResult> {
    let (call, report) = match (source, target) {
        (ReplaySource::File { .. }, PluginTarget::Server { .. }) => {
            return Err(Error::field("url", "is not needed to play a file; the engine runs here"));
        }
        (ReplaySource::File { recording, bundle }, PluginTarget::Data { data, .. }) => {
            let call: CallRecording = serde_json::from_slice(&read(&recording)?).map_err(|error| {
                Error::field("call", format!("{} is no recording: {error}", recording.display()))
            })?;
            let report = play(&data, &call, &read(&bundle)?).await?;
            (call, report)
        }
        (ReplaySource::Call(id), PluginTarget::Server { url, token }) => {
            let remote = Remote::new(&url, Some(token))?;
            let call = remote.call("GET", &format!("{CALLS}/{id}"), None).await?;
            let report = remote.call("POST", &format!("{CALLS}/{id}/replay"), None).await?;
            (
                serde_json::from_value(call).map_err(Error::internal)?,
                serde_json::from_value(report).map_err(Error::internal)?,
            )
        }
        (ReplaySource::Call(id), PluginTarget::Data { data, .. }) => {
            let _claim = data.claim("(a command)")?;
            let site = Site::open(&data, SiteConfig::default(), &ambient::system()).await?;
            let id = id.into();
            let call = site.plugins.recorded_call(&Caller::System, &id).await?;
            let report = site.plugins.replay(&Caller::System, &id).await?;
            site.close().await;
            (call, report)
        }
    };
    Ok(ReplayResult { identical: report.divergence.is_none(), report, trace: call.recording.moments })
}

/// Writes a recorded call to a file.
///
/// # Errors
/// `NOT_FOUND`; a file that cannot be written.
pub async fn plugin_call_save(target: PluginTarget, id: &str, file: &Path) -> Result<()> {
    let call = match target {
        PluginTarget::Server { url, token } => {
            Remote::new(&url, Some(token))?.call("GET", &format!("{CALLS}/{id}"), None).await?
        }
        PluginTarget::Data { data, .. } => {
            let _claim = data.claim("(a command)")?;
            let site = Site::open(&data, SiteConfig::default(), &ambient::system()).await?;
            let call = site.plugins.recorded_call(&Caller::System, &id.to_owned().into()).await?;
            site.close().await;
            json!(call)
        }
    };
    let text = serde_json::to_string_pretty(&call).map_err(Error::internal)?;
    std::fs::write(file, text)
        .map_err(|error| Error::field("save", format!("{} cannot be written: {error}", file.display())))
}

async fn play(data: &DataDir, call: &CallRecording, bundle: &[u8]) -> Result<ReplayReport> {
    data.create()?;
    let bundle = Bundle::read(bundle, &BundleLimits::STANDARD)?;
    let label = bundle.manifest.label();
    if label != format!("{}@{}", call.plugin_id, call.version) {
        let message =
            format!("The call was made by {}@{}, the bundle is {label}.", call.plugin_id, call.version);
        return Err(Error::new(ErrorCode::NoVersion, message));
    }
    let source = PluginSource {
        label,
        code: bundle.code,
        limits: call.recording.limits,
        cpu: bundle.manifest.budgets.evaluation_cpu,
    };
    let image = sandbox(data)?.prepare(source).await?;
    let replay = image.replay().ok_or_else(not_replayable)?;
    replay.replay(Arc::new(call.recording.clone())).await
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| Error::field("file", format!("{} cannot be read: {error}", path.display())))
}

impl fmt::Display for ReplayResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, moment) in self.trace.iter().enumerate() {
            let seconds = moment.at as f64 / 1_000_000.0;
            writeln!(f, "{number:>5}  {seconds:>9.6}  {}", line(&moment.event))?;
        }
        if !self.report.same_engine {
            writeln!(f, "Another version of the engine made this recording.")?;
        }
        match &self.report.divergence {
            None => write!(f, "The replay is the recording, all {} moments of it.", self.report.played),
            Some(divergence) => write!(
                f,
                "The replay comes out otherwise at moment {}:\n  recorded: {}\n  replayed: {}",
                divergence.moment, divergence.recorded, divergence.replayed
            ),
        }
    }
}

fn line(event: &Event) -> String {
    const LONGEST: usize = 160;
    let cut = |text: &str| match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    let answer = |answer: &Answer| match answer {
        Answer::Value(json) => cut(json),
        Answer::Refused(json) => format!("refused: {}", cut(json)),
    };
    match event {
        Event::Called { target, name, input, .. } => format!("call {target:?} {name} {}", cut(input)),
        Event::Drained { .. } => "let go on what was not awaited".to_owned(),
        Event::Clock { milliseconds } => format!("clock {milliseconds}"),
        Event::Random { bytes } => format!("random {bytes}"),
        Event::Started { id, name, arguments, answer: given } => {
            let given = given.as_ref().map_or_else(|| "…".to_owned(), answer);
            format!("#{id} {name}{} → {given}", cut(arguments))
        }
        Event::TimerSet { id, milliseconds } => format!("#{id} timer {milliseconds} ms"),
        Event::Answered { id, answer: given } => format!("#{id} → {}", answer(given)),
        Event::TimerFired { id } => format!("#{id} timer fired"),
        Event::Ended { outcome } => match outcome {
            Outcome::Stopped(reason) => format!("stopped: {reason}"),
            other => format!("ended: {}", cut(&serde_json::to_string(other).unwrap_or_default())),
        },
    }
}
