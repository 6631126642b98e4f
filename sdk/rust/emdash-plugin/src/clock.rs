//! The time.

/// Milliseconds since 1970.
#[must_use]
pub fn now() -> u64 {
    crate::bindings::emdash::plugin::clock::now()
}
