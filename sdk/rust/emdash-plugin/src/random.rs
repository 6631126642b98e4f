//! Randomness of the host, fit for secrets.

/// At most 65,536 bytes; more ends the call.
#[must_use]
pub fn bytes(count: u32) -> Vec<u8> {
    crate::bindings::emdash::plugin::random::bytes(count)
}
