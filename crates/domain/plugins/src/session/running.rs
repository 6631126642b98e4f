//! One instance at work: calls it, counts it, and closes its broker behind it.

use std::sync::Arc;
use std::time::Duration;

use emdash_ports::runtime::{
    GuestCall, GuestOutcome, GuestReport, GuestResponse, GuestTarget, GuestUsage, HostCalls, PluginInstance,
};
use emdash_types::{Error, ErrorCode, PluginId};
use serde_json::{Value, json};
use tokio::sync::OwnedRwLockReadGuard;
use tracing::Instrument;

use super::Failure;
use crate::LogLine;
use crate::broker::Broker;
use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::recordings::{RECORDING_BYTES, Wanted};
use crate::sight::Seat;
use crate::words::cut;

/// Most of a stack that is kept in the plugin's log.
const MAX_STACK_BYTES: usize = 2_048;

/// What a plugin answered.
pub(crate) enum Answer {
    /// JSON text; `None` for `undefined`.
    Value(Option<String>),
    /// A `Response`; only routes make sense of it.
    Response(GuestResponse),
}

/// An instance of a plugin with its broker.
pub(crate) struct Running {
    site: Arc<Site>,
    plugin: Arc<LoadedPlugin>,
    instance: Box<dyn PluginInstance>,
    broker: Arc<Broker>,
    stopped: bool,
    wanted: Wanted,
    /// The first call, and the code of the first failure.
    first: Option<String>,
    failed: Option<String>,
    _seat: Seat,
    /// Keeps the plugin's code and data from being exchanged meanwhile.
    inside: Option<OwnedRwLockReadGuard<()>>,
}

impl Running {
    /// Starts an instance, once no exchange of the plugin's code and data is under way; `causes` are the plugins whose
    /// writes led to it.
    ///
    /// # Errors
    /// `SANDBOX_NOT_AVAILABLE` where the plugin, or the server, has as many at work as it may have.
    pub(crate) async fn start(
        site: &Arc<Site>,
        plugin: &Arc<LoadedPlugin>,
        causes: &[PluginId],
    ) -> Result<Self, Failure> {
        let inside = enter(plugin).await?;
        let mut running = Self::make(site, plugin, causes).await?;
        running.inside = Some(inside);
        Ok(running)
    }

    /// Starts an instance for the plugin's own part in its life, which may be part of such an exchange.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub(crate) async fn start_apart(site: &Arc<Site>, plugin: &Arc<LoadedPlugin>) -> Result<Self, Failure> {
        Self::make(site, plugin, &[]).await
    }

    async fn make(
        site: &Arc<Site>,
        plugin: &Arc<LoadedPlugin>,
        causes: &[PluginId],
    ) -> Result<Self, Failure> {
        let limit = plugin.manifest.budgets.instances;
        let seat = plugin.meters.free_seat(limit).ok_or_else(|| crowded(plugin, limit))?;
        Self::seated(site, plugin, causes, seat).await
    }

    /// Starts an instance like [`Running::start`], and waits for a seat where all are taken: shortly, and with few
    /// others.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub(crate) async fn queued(
        site: &Arc<Site>,
        plugin: &Arc<LoadedPlugin>,
        causes: &[PluginId],
    ) -> Result<Self, Failure> {
        let inside = enter(plugin).await?;
        let budgets = &plugin.manifest.budgets;
        let seat = plugin.meters.seat(budgets).await.ok_or_else(|| crowded(plugin, budgets.instances))?;
        let mut running = Self::seated(site, plugin, causes, seat).await?;
        running.inside = Some(inside);
        Ok(running)
    }

    async fn seated(
        site: &Arc<Site>,
        plugin: &Arc<LoadedPlugin>,
        causes: &[PluginId],
        seat: Seat,
    ) -> Result<Self, Failure> {
        let broker = Arc::new(Broker::new(Arc::clone(site), Arc::clone(plugin), causes.to_vec()));
        let context = plugin.context(&site.parts.site.facts().await.map_err(Failure::Host)?);
        let host = Arc::clone(&broker) as Arc<dyn HostCalls>;
        let mut instance = plugin.image.instantiate(&context, host, plugin.limits).map_err(Failure::Host)?;
        let wanted = site.wanted();
        if wanted != Wanted::No {
            instance.record(RECORDING_BYTES);
        }
        Ok(Self {
            site: Arc::clone(site),
            plugin: Arc::clone(plugin),
            instance,
            broker,
            stopped: false,
            wanted,
            first: None,
            failed: None,
            _seat: seat,
            inside: None,
        })
    }

    pub(crate) fn is_of(&self, plugin: &Arc<LoadedPlugin>) -> bool {
        Arc::ptr_eq(&self.plugin, plugin)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Makes one call; what it left under way is revoked when it ends.
    pub(crate) async fn call(
        &mut self,
        during: &str,
        call: GuestCall,
    ) -> (Result<Answer, Failure>, Duration) {
        let outcome = self.begin(during, call).await;
        self.end().await;
        outcome
    }

    /// Makes one call and leaves the broker open for what the handler did not await.
    pub(crate) async fn begin(
        &mut self,
        during: &str,
        call: GuestCall,
    ) -> (Result<Answer, Failure>, Duration) {
        self.broker.begin(during, call.wall);
        self.first.get_or_insert_with(|| during.to_owned());
        let target = call.target;
        let span = tracing::debug_span!("plugin call", plugin = %self.plugin.label(), during);
        let GuestReport { outcome, usage } = self.instance.call(call).instrument(span).await;
        self.plugin.meters.count_call(during, &usage);
        self.trace(during, &usage);
        if usage.memory_limit_hit {
            let limit = self.plugin.limits.memory_bytes;
            let message = format!("Asked for more memory than its budget of {limit} bytes.");
            self.broker.note(&Error::new(ErrorCode::PluginMemoryLimit, message));
        }
        let outcome = match outcome {
            Ok(GuestOutcome::Returned(json)) => Ok(Answer::Value(json)),
            Ok(GuestOutcome::Responded(response)) if (200..=599).contains(&response.status) => {
                Ok(Answer::Response(response))
            }
            Ok(GuestOutcome::Responded(response)) => {
                Err(Failure::Output(format!("answered with the status {}", response.status)))
            }
            Ok(GuestOutcome::Threw(exception)) => Err(Failure::Threw(Box::new(exception))),
            Err(stop) => {
                self.stopped = true;
                Err(Failure::Stopped(stop))
            }
        };
        if let Err(failure) = &outcome {
            self.fail(during, failure);
        }
        self.judge(during, target, outcome.as_ref().err());
        (outcome, usage.wall)
    }

    /// Lets go on what the last call began and did not await, within a budget of its own, then ends the call. What
    /// was refused until now is on record before that, what is refused meanwhile after it.
    pub(crate) async fn settle(&mut self, wall: Duration) {
        self.broker.report();
        self.site.write_violations().await;
        if !self.stopped {
            let usage = self.instance.drain(self.plugin.manifest.budgets.cpu, wall).await;
            self.plugin.meters.count_usage(&self.broker.during(), &usage);
        }
        self.end().await;
    }

    /// Counts and logs a failure, and puts it on record where it is a limit's.
    pub(crate) fn fail(&mut self, during: &str, failure: &Failure) {
        self.failed.get_or_insert_with(|| failure.code().to_owned());
        let reason = failure.reason();
        tracing::warn!(plugin = %self.plugin.label(), during, code = failure.code(), "{reason}");
        let mut data = json!({"code": failure.code()});
        if let Failure::Threw(exception) = failure
            && let Some(stack) = &exception.stack
        {
            data["stack"] = Value::from(cut(stack, MAX_STACK_BYTES));
        }
        self.plugin.meters.keep(LogLine {
            number: 0,
            at: self.site.parts.ambient.now(),
            level: "error".to_owned(),
            during: during.to_owned(),
            message: reason.clone(),
            data: Some(data),
        });
        if let Some(error) = failure.violation() {
            self.broker.note(&error);
        }
        self.plugin.meters.count_error(during, &reason);
    }

    fn trace(&self, during: &str, usage: &GuestUsage) {
        tracing::debug!(
            plugin = %self.plugin.label(),
            during,
            cpu_us = usage.cpu.as_micros(),
            wall_us = usage.wall.as_micros(),
            memory_bytes = usage.memory_bytes,
            host_calls = usage.host_calls,
            "a plugin was called"
        );
    }

    /// Takes note of a call of a release on probation; with too many faults the site goes back to the one before it.
    fn judge(&self, during: &str, target: GuestTarget, failure: Option<&Failure>) {
        let Some(probation) = &self.plugin.probation else { return };
        let fault = failure.filter(|failure| failure.is_fault(target));
        let Some((calls, faults)) = probation.count(self.site.parts.ambient.now(), fault.is_some()) else {
            return;
        };
        let last = fault.map(Failure::reason).unwrap_or_default();
        let reason = format!(
            "Version {} failed in {faults} of its first {calls} calls, the last time in {during}: {last}",
            self.plugin.version
        );
        let (site, plugin) = (Arc::clone(&self.site), Arc::clone(&self.plugin));
        tokio::spawn(async move { site.give_way(&plugin, reason).await });
    }

    /// Puts an answer on record that the hook does not allow.
    pub(crate) async fn refuse_output(&mut self, hook: emdash_manifest::Hook, failure: &Failure) {
        let during = format!("hook {hook}");
        self.broker.begin(&during, Duration::ZERO);
        self.fail(&during, failure);
        self.end().await;
    }

    async fn end(&mut self) {
        self.broker.end();
        self.site.write_violations().await;
    }
}

/// Goes in once no exchange of code and data is under way, unless the release was taken back by one.
async fn enter(plugin: &LoadedPlugin) -> Result<OwnedRwLockReadGuard<()>, Failure> {
    let inside = plugin.meters.enter().await;
    if plugin.is_taken_back() {
        let message = format!("{} was taken back meanwhile.", plugin.label());
        let error = Error::new(ErrorCode::SandboxNotAvailable, message).hint("Try again.");
        return Err(Failure::Host(error));
    }
    Ok(inside)
}

fn crowded(plugin: &LoadedPlugin, limit: usize) -> Failure {
    let message = format!("All {limit} instances {} may have at once are at work.", plugin.id);
    Failure::Host(Error::new(ErrorCode::SandboxNotAvailable, message).hint("Try again in a moment."))
}

impl Drop for Running {
    /// A request that was given up half-way leaves nothing under way, and its refusals for the next writer.
    fn drop(&mut self) {
        self.broker.end();
        if self.wanted != Wanted::Always && self.failed.is_none() {
            return;
        }
        if let (Some(during), Some(recording)) = (&self.first, self.instance.recording()) {
            self.site.keep(&self.plugin, during, self.failed.as_deref(), &recording);
        }
    }
}
