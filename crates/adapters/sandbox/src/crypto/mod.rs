//! What `crypto.subtle` has the host compute: no authority, no state, no randomness of its own (the guest brings it,
//! so that a call can be replayed). Work is bounded by the size of what is given; PBKDF2 comes in pieces, between
//! which the guest's CPU meter looks.

mod cipher;
mod curves;
mod derive;
mod jwk;
mod keys;
mod rsa;
mod sign;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::intrinsics::Outcome;

/// Most bytes one computation takes. Nothing a plugin may receive or send is longer.
const MOST_BYTES: usize = 16 << 20;

/// Runs operation `number` of `engine/prelude/operations.js`.
pub(crate) fn compute(number: i32, facts: &[u8], b: &[u8], c: &[u8]) -> Outcome {
    let length = b.len().max(c.len());
    if length > MOST_BYTES {
        return Err(format!("{length} bytes at once; cryptography takes at most {MOST_BYTES}"));
    }
    match number {
        43 => keys::import(&read(facts)?, b),
        44 => keys::export(&read(facts)?, b),
        45 => keys::generate(facts, b),
        46 => sign::sign(&read(facts)?, b, c),
        47 => sign::verify(&read(facts)?, b, c),
        48 => cipher::run(&read(facts)?, b, c),
        49 => derive::hkdf(&read(facts)?, b, c),
        50 => derive::rounds(&read(facts)?, b, c),
        _ => Err(format!("unknown operation {number}")),
    }
}

fn read<T: DeserializeOwned>(facts: &[u8]) -> Result<T, String> {
    serde_json::from_slice(facts).map_err(|error| error.to_string())
}

/// A member that is bytes, in base64.
fn bytes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}
