//! What crosses the border between guest and host: passed on, written down, or played from a recording.

use std::sync::Arc;

use emdash_ports::recording::{Answer, Divergence, Event, Moment, Outcome, Recording};
use emdash_ports::runtime::{GuestContext, InstanceLimits};
use parking_lot::Mutex;
use tokio::time::Instant;

/// How the border of an instance works.
#[derive(Clone, Default)]
pub(crate) enum Border {
    /// Everything passes.
    #[default]
    Open,
    /// Everything passes and is written down.
    Recorded(Arc<Recorder>),
    /// Nothing passes; a recording answers.
    Played(Arc<Player>),
}

/// Writes down what happens.
pub(crate) struct Recorder {
    began: Instant,
    limit_bytes: usize,
    state: Mutex<Recorded>,
}

struct Recorded {
    recording: Recording,
    bytes: usize,
}

impl Recorder {
    pub(crate) fn new(
        engine: &str,
        context: GuestContext,
        limits: InstanceLimits,
        limit_bytes: usize,
    ) -> Arc<Self> {
        let recording =
            Recording { engine: engine.to_owned(), context, limits, moments: Vec::new(), truncated: false };
        let state = Mutex::new(Recorded { recording, bytes: 0 });
        Arc::new(Self { began: Instant::now(), limit_bytes, state })
    }

    pub(crate) fn note(&self, event: Event) {
        let at = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut state = self.state.lock();
        if state.recording.truncated {
            return;
        }
        state.bytes = state.bytes.saturating_add(size(&event));
        if state.bytes > self.limit_bytes {
            state.recording.truncated = true;
        } else {
            state.recording.moments.push(Moment { at, event });
        }
    }

    pub(crate) fn take(&self) -> Recording {
        let mut state = self.state.lock();
        let moments = std::mem::take(&mut state.recording.moments);
        Recording { moments, ..state.recording.clone() }
    }
}

/// What an event counts against the size of a recording, bytes.
fn size(event: &Event) -> usize {
    const FRAME: usize = 48;
    let texts = match event {
        Event::Called { name, input, .. } => name.len() + input.len(),
        Event::Random { bytes } => bytes.len(),
        Event::Started { name, arguments, answer, .. } => {
            name.len() + arguments.len() + answer.as_ref().map_or(0, answer_size)
        }
        Event::Answered { answer, .. } => answer_size(answer),
        Event::Ended { outcome: Outcome::Returned(json) } => json.as_ref().map_or(0, String::len),
        Event::Ended { outcome: Outcome::Responded(response) } => response.body.len(),
        Event::Drained { .. }
        | Event::Clock { .. }
        | Event::TimerSet { .. }
        | Event::TimerFired { .. }
        | Event::Ended { .. } => 0,
    };
    FRAME + texts
}

fn answer_size(answer: &Answer) -> usize {
    match answer {
        Answer::Value(json) | Answer::Refused(json) => json.len(),
    }
}

/// Plays a recording: whoever asks gets what the recording has next, or finds that it has something else.
pub(crate) struct Player {
    recording: Arc<Recording>,
    state: Mutex<Played>,
}

#[derive(Default)]
struct Played {
    next: usize,
    divergence: Option<Divergence>,
}

impl Player {
    pub(crate) fn new(recording: Arc<Recording>) -> Arc<Self> {
        Arc::new(Self { recording, state: Mutex::default() })
    }

    /// The next moment, without passing it.
    pub(crate) fn peek(&self) -> Option<Event> {
        self.recording.moments.get(self.state.lock().next).map(|moment| moment.event.clone())
    }

    /// Passes the next moment where it is what was hoped for; `None` is a divergence, which ends the replay.
    pub(crate) fn take<T>(&self, doing: &str, fits: impl FnOnce(&Event) -> Option<T>) -> Option<T> {
        let mut state = self.state.lock();
        if state.divergence.is_some() {
            return None;
        }
        let moment = self.recording.moments.get(state.next);
        if let Some(value) = moment.and_then(|moment| fits(&moment.event)) {
            state.next += 1;
            return Some(value);
        }
        let recorded = moment.map_or_else(|| "nothing more".to_owned(), |moment| brief(&moment.event));
        state.divergence = Some(Divergence { moment: state.next, recorded, replayed: doing.to_owned() });
        None
    }

    pub(crate) fn played(&self) -> (usize, Option<Divergence>) {
        let state = self.state.lock();
        (state.next, state.divergence.clone())
    }
}

/// An event in one line.
fn brief(event: &Event) -> String {
    const LONGEST: usize = 200;
    let mut text = serde_json::to_string(event).unwrap_or_default();
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
        text.push('…');
    }
    text
}
