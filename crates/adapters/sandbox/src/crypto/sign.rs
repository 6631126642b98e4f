//! Signatures with private keys; HMAC is `intrinsics.rs`' own.

use serde::Deserialize;

use super::{bytes, curves, rsa};
use crate::intrinsics::{Outcome, digest};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    /// `ECDSA`, `Ed25519`, `RSASSA-PKCS1-v1_5` or `RSA-PSS`.
    algorithm: String,
    /// Of ECDSA.
    #[serde(default)]
    curve: String,
    /// Of all but Ed25519.
    #[serde(default)]
    hash: String,
    /// Of RSA-PSS.
    #[serde(default)]
    salt_length: Option<usize>,
    /// To be verified.
    #[serde(default, deserialize_with = "bytes")]
    signature: Vec<u8>,
}

pub(super) fn sign(facts: &Facts, key: &[u8], data: &[u8]) -> Outcome {
    match facts.algorithm.as_str() {
        "ECDSA" => (curves::by_name(&facts.curve)?.sign)(key, &digest(&facts.hash, data)?),
        "Ed25519" => (curves::by_name("Ed25519")?.sign)(key, data),
        "RSASSA-PKCS1-v1_5" => rsa::sign(&facts.hash, key, data),
        other => Err(format!("Plugins cannot sign with {other}")),
    }
}

/// `1` or nothing.
pub(super) fn verify(facts: &Facts, key: &[u8], data: &[u8]) -> Outcome {
    let Facts { algorithm, curve, hash, salt_length, signature } = facts;
    let fits = match algorithm.as_str() {
        "ECDSA" => (curves::by_name(curve)?.verify)(key, &digest(hash, data)?, signature)?,
        "Ed25519" => (curves::by_name("Ed25519")?.verify)(key, data, signature)?,
        "RSASSA-PKCS1-v1_5" => rsa::verify(false, hash, *salt_length, key, data, signature)?,
        "RSA-PSS" => rsa::verify(true, hash, *salt_length, key, data, signature)?,
        other => return Err(format!("Plugins cannot verify {other}")),
    };
    Ok(if fits { b"1".to_vec() } else { Vec::new() })
}
