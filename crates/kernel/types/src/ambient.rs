//! Time and randomness as parameters, so that every test is deterministic by construction.

use std::sync::Arc;

use crate::Timestamp;

/// The wall clock.
pub trait Clock: Send + Sync + 'static {
    /// The current instant, with millisecond precision.
    fn now(&self) -> Timestamp;
}

/// A source of cryptographically strong random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// What a service may take from its surroundings without being handed it per call.
#[derive(Clone)]
pub struct Ambient {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Ambient {
    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh ULID: 48 bits of milliseconds, 80 random bits, 26 upper-case Crockford characters.
    #[must_use]
    pub fn ulid(&self) -> String {
        ulid(self.now(), self.bytes())
    }

    /// A fresh typed id.
    #[must_use]
    pub fn id<T: From<String>>(&self) -> T {
        T::from(self.ulid())
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

/// The ULID of an instant and ten bytes: for ids that must come out the same again, such as those of an import.
/// An instant before 1970 counts as 1970.
#[must_use]
pub fn ulid(at: Timestamp, bytes: [u8; 10]) -> String {
    let millis = u64::try_from(at.as_millis()).unwrap_or_default();
    let head = u128::from(millis & 0xFFFF_FFFF_FFFF);
    encode_crockford(bytes.into_iter().fold(head, |value, byte| (value << 8) | u128::from(byte)))
}

fn encode_crockford(value: u128) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    (0..26)
        .rev()
        .map(|position| {
            let index = usize::try_from((value >> (position * 5)) & 31).unwrap_or_default();
            char::from(*ALPHABET.get(index).unwrap_or(&b'0'))
        })
        .collect()
}
