//! The first calls of a release that took over from another: too many faults, and the site goes back by itself.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use emdash_types::Timestamp;

/// Calls that are looked at.
const CALLS: u32 = 20;
/// Faults among them that are too many.
const FAULTS: u32 = 5;
/// Longest time the calls may take to come in, milliseconds: ten minutes.
const WINDOW: i64 = 10 * 60 * 1_000;

/// A release on probation.
pub(crate) struct Probation {
    since: Timestamp,
    calls: AtomicU32,
    faults: AtomicU32,
    over: AtomicBool,
}

impl Probation {
    pub(crate) fn new(since: Timestamp) -> Self {
        Self { since, calls: AtomicU32::new(0), faults: AtomicU32::new(0), over: AtomicBool::new(false) }
    }

    /// Takes note of a call. Answers once, with calls and faults so far, when there were too many faults.
    pub(crate) fn count(&self, now: Timestamp, fault: bool) -> Option<(u32, u32)> {
        if self.over.load(Ordering::Relaxed) {
            return None;
        }
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let faults = self.faults.fetch_add(u32::from(fault), Ordering::Relaxed) + u32::from(fault);
        let too_late = calls > CALLS || now.as_millis() - self.since.as_millis() > WINDOW;
        if !too_late && faults < FAULTS {
            return None;
        }
        let first = !self.over.swap(true, Ordering::Relaxed);
        (first && !too_late).then_some((calls, faults))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn five_faults_among_the_first_calls_are_too_many_and_it_is_said_once() {
        let probation = Probation::new(at(0));
        let said: Vec<_> = (0..9).map(|call| probation.count(at(call), call % 2 == 0)).collect();
        assert_eq!(said.iter().flatten().collect::<Vec<_>>(), [&(9, 5)]);
        assert_eq!(probation.count(at(9), true), None);
    }

    #[test]
    fn faults_after_the_first_calls_or_after_the_time_change_nothing() {
        let probation = Probation::new(at(0));
        assert!((0..20).all(|call| probation.count(at(call), call < 4).is_none()));
        assert!((20..40).all(|call| probation.count(at(call), true).is_none()));
        let late = Probation::new(at(0));
        assert!((0..9).all(|call| late.count(at(601 + call), true).is_none()));
    }
}
