//! What crossed the border of one plugin instance, so that its life can be played again, bit for bit and offline.
//!
//! A guest has no state but its memory image and what it was told: calls, answers, the clock, randomness, and the
//! order in which they came. That is what a recording holds. It is the debugger, the evidence and the regression
//! test in one; it holds what the plugin saw, and nothing a plugin may not see (secrets are placeholders there).

use std::sync::Arc;

use async_trait::async_trait;
use emdash_types::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

use crate::runtime::{GuestContext, GuestException, GuestResponse, GuestTarget, InstanceLimits};

/// The life of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// Which engine ran it; another one may behave differently.
    pub engine: String,
    /// What the guest was told of plugin and site.
    pub context: GuestContext,
    /// What the instance might take.
    pub limits: InstanceLimits,
    /// Everything that happened, in order.
    pub moments: Vec<Moment>,
    /// Whether it grew beyond the size a recording may have, and ends early.
    pub truncated: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// Microseconds since the instance was made.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen at the border.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The host called.
    Called {
        /// Hook, route or function.
        target: GuestTarget,
        /// As the module spells it.
        name: String,
        /// JSON.
        input: String,
        /// CPU budget, milliseconds.
        cpu_ms: u64,
        /// Wall-clock budget, milliseconds.
        wall_ms: u64,
    },
    /// The host let work go on that nobody awaited.
    Drained {
        /// CPU budget, milliseconds.
        cpu_ms: u64,
        /// Wall-clock budget, milliseconds.
        wall_ms: u64,
    },
    /// The guest looked at the clock.
    Clock {
        /// Milliseconds since 1970.
        milliseconds: f64,
    },
    /// The guest took randomness.
    Random {
        /// Base64.
        bytes: String,
    },
    /// The guest started a host call; an answer at once stands with it.
    Started {
        /// The guest's number of the operation.
        id: u32,
        /// Such as `kv.get`.
        name: String,
        /// A JSON array.
        arguments: String,
        /// The answer, where the host had it.
        answer: Option<Answer>,
    },
    /// The guest set a timer.
    TimerSet {
        /// The guest's number of the operation.
        id: u32,
        /// The delay.
        milliseconds: f64,
    },
    /// The answer to a host call came in.
    Answered {
        /// The operation.
        id: u32,
        /// Its answer.
        answer: Answer,
    },
    /// A timer went off.
    TimerFired {
        /// The operation.
        id: u32,
    },
    /// A call, or what was left of it, came to its end.
    Ended {
        /// How.
        outcome: Outcome,
    },
}

/// The answer to a host call, as the guest reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// JSON.
    Value(String),
    /// A refusal, `{message, code, details}`.
    Refused(String),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It returned JSON, or `undefined`.
    Returned(Option<String>),
    /// It threw.
    Threw(Box<GuestException>),
    /// It threw or returned a `Response`.
    Responded(Box<GuestResponse>),
    /// It was stopped: `cpu`, `time`, `memory`, `never settles`, `output`, `crashed`, `forbidden`.
    Stopped(String),
    /// Nothing was under way any more.
    Settled,
}

/// Where a replay came out otherwise than the recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Divergence {
    /// The place among the recording's moments.
    pub moment: usize,
    /// What the recording has there.
    pub recorded: String,
    /// What the guest did.
    pub replayed: String,
}

/// What a replay came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayReport {
    /// Moments played.
    pub played: usize,
    /// Moments of the recording.
    pub moments: usize,
    /// Whether the engine is the one that made the recording.
    pub same_engine: bool,
    /// How each call ended now.
    pub outcomes: Vec<Outcome>,
    /// Where it came out otherwise; `None` for a replay that is the recording.
    pub divergence: Option<Divergence>,
}

/// A sandbox that can play a recording.
#[async_trait]
pub trait Replay: Send + Sync {
    /// Plays a recording in a fresh instance, without host, clock, randomness or waiting.
    async fn replay(&self, recording: Arc<Recording>) -> Result<ReplayReport>;
}

/// The refusal of a runtime that cannot replay.
#[must_use]
pub fn not_replayable() -> Error {
    Error::new(ErrorCode::NotImplemented, "Calls of this kind of plugin cannot be replayed.")
}
