//! Keys in and out. What is kept of a key is `curves.rs` and `rsa.rs`' own form, never the plugin's text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::{curves, jwk, rsa};
use crate::intrinsics::{Outcome, text};

/// What a key is for and how it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    /// `P-256`, `P-384`, `Ed25519` or `RSA`.
    pub(super) family: String,
    /// `raw`, `pkcs8`, `spki` or `jwk`.
    pub(super) format: String,
    /// Of a key that is exported.
    #[serde(default)]
    pub(super) private: bool,
}

/// A key as it is kept.
pub(super) struct Key {
    pub(super) private: bool,
    pub(super) material: Vec<u8>,
}

pub(super) fn import(facts: &Facts, written: &[u8]) -> Outcome {
    let key = match (facts.family.as_str(), facts.format.as_str()) {
        (_, "jwk") => jwk::read(&facts.family, written)?,
        ("RSA", "pkcs8") => Key { private: true, material: rsa::private_from_pkcs8(written)? },
        ("RSA", "spki") => Key { private: false, material: rsa::public_from_spki(written)? },
        ("RSA", format) => return Err(format!("RSA keys are not written as {format}")),
        (curve, "pkcs8") => {
            Key { private: true, material: (curves::by_name(curve)?.private_from_pkcs8)(written)? }
        }
        (curve, "spki") => {
            Key { private: false, material: (curves::by_name(curve)?.public_from_spki)(written)? }
        }
        (curve, "raw") => {
            Key { private: false, material: (curves::by_name(curve)?.public_from_raw)(written)? }
        }
        (_, format) => return Err(format!("\"{format}\" is not a format of keys")),
    };
    let mut answer = json!({"private": key.private, "material": STANDARD.encode(&key.material)});
    if facts.family == "RSA" {
        let (modulus, exponent) = rsa::public_parts(&key.material, key.private)?;
        let leading = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        answer["bits"] = json!(modulus.len() * 8 - leading);
        answer["exponent"] = json!(exponent);
    }
    Ok(answer.to_string().into_bytes())
}

pub(super) fn export(facts: &Facts, material: &[u8]) -> Outcome {
    let curve = || curves::by_name(&facts.family);
    match (facts.family.as_str(), facts.format.as_str(), facts.private) {
        (_, "jwk", private) => jwk::write(&facts.family, private, material),
        ("RSA", "pkcs8", true) => rsa::private_to_pkcs8(material),
        ("RSA", "spki", false) => rsa::public_to_spki(material),
        (_, "pkcs8", true) => (curve()?.private_to_pkcs8)(material),
        (_, "spki", false) => (curve()?.public_to_spki)(material),
        (_, "raw", false) if facts.family != "RSA" => (curve()?.public_from_raw)(material),
        (_, format, private) => {
            let kind = if private { "private" } else { "public" };
            Err(format!("A {kind} key cannot be written as {format}"))
        }
    }
}

/// A pair on a curve from random bytes of the guest's. Nearly every 32 or 48 bytes are a scalar of their curve.
pub(super) fn generate(curve: &[u8], random: &[u8]) -> Outcome {
    let curve = curves::by_name(text(curve)?)?;
    let private = random.get(..curve.bytes).ok_or("too little randomness")?;
    let public = (curve.public_of)(private)?;
    let pair = json!({"private": STANDARD.encode(private), "public": STANDARD.encode(public)});
    Ok(pair.to_string().into_bytes())
}
