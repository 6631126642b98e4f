//! The real clock and the real randomness: the only place that asks the system for them.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use emdash_types::{Ambient, Clock, Entropy, Timestamp};

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock the others take as a parameter")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the randomness the others take as a parameter")]
    #[expect(clippy::panic, reason = "without randomness no token or id may be made")]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            panic!("the operating system gives no randomness: {error}");
        }
    }
}

/// The system's clock and randomness.
pub(crate) fn system() -> Ambient {
    Ambient { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
}
