//! How much work, time and memory a batch may take. SQLite asks every few hundred steps whether to go on.

use std::time::Instant;

use emdash_ports::plugin_database::{DatabaseLimits, Stop};
use parking_lot::Mutex;
use rusqlite::ffi;

/// Machine steps between two looks. One step copies a megabyte at the most.
pub const STEPS_PER_LOOK: u16 = 200;

/// The books of the batch under way.
#[derive(Default)]
pub struct Budget(Mutex<Option<Account>>);

struct Account {
    limits: DatabaseLimits,
    looks_left: u64,
    began: Instant,
    stop: Stop,
    memory_before: u64,
    spent: Option<String>,
}

impl Budget {
    /// Opens the books.
    pub fn begin(&self, limits: &DatabaseLimits, stop: &Stop) {
        *self.0.lock() = Some(Account {
            limits: *limits,
            looks_left: limits.steps / u64::from(STEPS_PER_LOOK) + 1,
            began: Instant::now(),
            stop: stop.clone(),
            memory_before: memory_used(),
            spent: None,
        });
    }

    /// Closes them; says what was used up.
    pub fn end(&self) -> Option<String> {
        self.0.lock().take().and_then(|account| account.spent)
    }

    /// Whether the statement has to end.
    pub fn look(&self) -> bool {
        let mut account = self.0.lock();
        let Some(account) = account.as_mut() else { return false };
        if account.spent.is_none() {
            account.spent = account.examine();
        }
        account.spent.is_some()
    }
}

impl Account {
    fn examine(&mut self) -> Option<String> {
        self.looks_left = self.looks_left.saturating_sub(1);
        if self.stop.is_said() {
            return Some("the call it belongs to has ended".to_owned());
        }
        if self.looks_left == 0 {
            return Some(format!("it takes more than {} steps", self.limits.steps));
        }
        if self.began.elapsed() > self.stop.within {
            return Some(format!("it takes longer than {} ms", self.stop.within.as_millis()));
        }
        let used = memory_used().saturating_sub(self.memory_before);
        (used > self.limits.memory_bytes)
            .then(|| format!("it takes more than {} MiB of memory", self.limits.memory_bytes >> 20))
    }
}

/// Memory of all of SQLite in this process. What others take meanwhile counts too, but that is little.
fn memory_used() -> u64 {
    #[expect(unsafe_code, reason = "the function reads one counter and has no preconditions")]
    // SAFETY: SQLite is initialised, since a connection is open, and the function may be called at any time.
    let bytes = unsafe { ffi::sqlite3_memory_used() };
    u64::try_from(bytes).unwrap_or_default()
}
