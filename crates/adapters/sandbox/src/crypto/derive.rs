//! HKDF and PBKDF2.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::bytes;
use crate::intrinsics::Outcome;

/// Most rounds of PBKDF2 in one computation: well below a millisecond.
const MOST_ROUNDS: u32 = 1000;

#[derive(Deserialize)]
pub(super) struct Expansion {
    hash: String,
    /// Bytes wanted.
    length: usize,
    #[serde(deserialize_with = "bytes")]
    info: Vec<u8>,
}

pub(super) fn hkdf(facts: &Expansion, key: &[u8], salt: &[u8]) -> Outcome {
    // HKDF gives at most 255 blocks; nothing is allocated for more.
    let mut output = vec![0; facts.length.min(255 * 64)];
    let expanded = match facts.hash.as_str() {
        "SHA-1" => Hkdf::<Sha1>::new(Some(salt), key).expand(&facts.info, &mut output),
        "SHA-256" => Hkdf::<Sha256>::new(Some(salt), key).expand(&facts.info, &mut output),
        "SHA-384" => Hkdf::<Sha384>::new(Some(salt), key).expand(&facts.info, &mut output),
        "SHA-512" => Hkdf::<Sha512>::new(Some(salt), key).expand(&facts.info, &mut output),
        other => return Err(format!("unsupported hash {other}")),
    };
    if expanded.is_err() || output.len() != facts.length {
        return Err(format!("HKDF with {} cannot give {} bytes", facts.hash, facts.length));
    }
    Ok(output)
}

#[derive(Deserialize)]
pub(super) struct Rounds {
    hash: String,
    count: u32,
}

/// Goes `count` rounds on: `state` is the last round's output, then the sum of all so far.
pub(super) fn rounds(facts: &Rounds, password: &[u8], state: &[u8]) -> Outcome {
    let count = facts.count.min(MOST_ROUNDS);
    match facts.hash.as_str() {
        "SHA-1" => go_on::<Hmac<Sha1>>(count, password, state),
        "SHA-256" => go_on::<Hmac<Sha256>>(count, password, state),
        "SHA-384" => go_on::<Hmac<Sha384>>(count, password, state),
        "SHA-512" => go_on::<Hmac<Sha512>>(count, password, state),
        other => Err(format!("unsupported hash {other}")),
    }
}

fn go_on<M: Mac + KeyInit + Clone>(count: u32, password: &[u8], state: &[u8]) -> Outcome {
    let keyed = <M as KeyInit>::new_from_slice(password).map_err(|error| error.to_string())?;
    let (last, sum) = state.split_at(state.len() / 2);
    // Whatever its length was, one round makes the output as long as the hash.
    let (mut last, mut sum) = (last.to_vec(), sum.to_vec());
    for _ in 0..count {
        let mut mac = keyed.clone();
        mac.update(&last);
        last.clear();
        last.extend_from_slice(&mac.finalize().into_bytes());
        for (into, from) in sum.iter_mut().zip(&last) {
            *into ^= from;
        }
    }
    last.append(&mut sum);
    Ok(last)
}
