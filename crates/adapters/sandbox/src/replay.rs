//! Plays recordings: a fresh instance whose border is the recording.

use std::sync::Arc;
use std::time::Duration;

use emdash_ports::recording::{Event, Outcome, Recording, ReplayReport};
use emdash_ports::runtime::{GuestCall, PluginInstance};
use emdash_types::Result;

use crate::border::Player;
use crate::instance::{self, Instance};

/// A machine may be slower than the one that made the recording, so a call that ended by itself gets this many times
/// its CPU budget. One that was stopped for its CPU time gets what it had.
const PATIENCE: u32 = 20;

/// Longest a replay computes between two moments; it waits for nothing.
const WALL: Duration = Duration::from_secs(120);

/// Plays every call of the recording, in order, until it comes out otherwise.
pub(crate) async fn play(
    mut instance: Instance,
    recording: Arc<Recording>,
    engine: &str,
) -> Result<ReplayReport> {
    let player = Player::new(Arc::clone(&recording));
    instance.play(Arc::clone(&player));
    let mut report = ReplayReport {
        moments: recording.moments.len(),
        same_engine: recording.engine == engine,
        ..ReplayReport::default()
    };
    while let Some((next, ended)) =
        player.peek().map(|event| (event, ended_as(&recording, player.played().0)))
    {
        let outcome = match next {
            Event::Called { target, name, input, cpu_ms, wall_ms } => {
                player.take("is called", |_| Some(()));
                let cpu = budget(cpu_ms, ended.as_ref());
                let wall = Duration::from_millis(wall_ms).max(WALL);
                let call = GuestCall { target, name, input, cpu, wall };
                instance::outcome(&instance.call(call).await)
            }
            Event::Drained { cpu_ms, .. } => {
                player.take("is drained", |_| Some(()));
                instance.drained(budget(cpu_ms, ended.as_ref()), WALL).await
            }
            _ => {
                player.take::<()>("has nothing more to do", |_| None);
                break;
            }
        };
        let doing = format!("ends with {}", serde_json::to_string(&outcome).unwrap_or_default());
        let as_recorded =
            |event: &Event| matches!(event, Event::Ended { outcome: recorded } if *recorded == outcome);
        report.outcomes.push(outcome.clone());
        if ended.is_none() || player.take(&doing, |event| as_recorded(event).then_some(())).is_none() {
            break;
        }
    }
    (report.played, report.divergence) = player.played();
    if recording.truncated && report.played == report.moments {
        report.divergence = None;
    }
    Ok(report)
}

/// How the call that begins at a moment ended.
fn ended_as(recording: &Recording, from: usize) -> Option<Outcome> {
    recording.moments.iter().skip(from).find_map(|moment| match &moment.event {
        Event::Ended { outcome } => Some(outcome.clone()),
        _ => None,
    })
}

fn budget(milliseconds: u64, ended: Option<&Outcome>) -> Duration {
    let recorded = Duration::from_millis(milliseconds);
    match ended {
        Some(Outcome::Stopped(reason)) if reason == "cpu" => recorded,
        _ => recorded * PATIENCE,
    }
}
