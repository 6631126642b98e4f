//! Waiting for what happens by itself.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; reached only when a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// Asks again until there is an answer.
///
/// # Panics
/// When there is none after half a minute.
#[track_caller]
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "waited {} s in vain: {what}", DEADLINE.as_secs());
        thread::sleep(PAUSE);
    }
}
