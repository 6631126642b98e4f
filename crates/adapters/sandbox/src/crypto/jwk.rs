//! Keys as JSON Web Keys (RFC 7517, 7518, 8037).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::curves::{self, BAD_KEY};
use super::keys::Key;
use super::rsa;
use crate::intrinsics::Outcome;

const PRIVATE_RSA: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

fn member(key: &Map<String, Value>, name: &str) -> Outcome {
    let text = key.get(name).and_then(Value::as_str).ok_or(format!("The key lacks its member \"{name}\""))?;
    let text = text.trim_end_matches('=');
    let decoded = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
    decoded.map_err(|_| format!("The key's member \"{name}\" is not base64url"))
}

pub(super) fn read(family: &str, written: &[u8]) -> Result<Key, String> {
    let key: Map<String, Value> =
        serde_json::from_slice(written).map_err(|_| "The key is not a JWK".to_owned())?;
    let is = |name: &str, wanted: &str| key.get(name).and_then(Value::as_str) == Some(wanted);
    let private = key.contains_key("d");
    let (kind, curve) = match family {
        "RSA" => ("RSA", None),
        "Ed25519" => ("OKP", Some(family)),
        _ => ("EC", Some(family)),
    };
    if !is("kty", kind) || curve.is_some_and(|curve| !is("crv", curve)) {
        return Err(BAD_KEY.to_owned());
    }
    let material = match (family, private) {
        ("RSA", false) => rsa::public_key(&member(&key, "n")?, &member(&key, "e")?)?,
        ("RSA", true) => {
            let [d, p, q, dp, dq, qi] = PRIVATE_RSA.map(|name| member(&key, name));
            rsa::private_key(&member(&key, "n")?, &member(&key, "e")?, &[d?, p?, q?, dp?, dq?, qi?])?
        }
        (_, true) => {
            let scalar = member(&key, "d")?;
            // A private key carries its public one; both must be of one pair.
            if (curves::by_name(family)?.public_of)(&scalar)? != public(family, &key)? {
                return Err(BAD_KEY.to_owned());
            }
            scalar
        }
        (_, false) => public(family, &key)?,
    };
    Ok(Key { private, material })
}

fn public(curve: &str, key: &Map<String, Value>) -> Outcome {
    let x = member(key, "x")?;
    let raw = if curve == "Ed25519" { x } else { [&[4][..], &x, &member(key, "y")?].concat() };
    (curves::by_name(curve)?.public_from_raw)(&raw)
}

pub(super) fn write(family: &str, private: bool, material: &[u8]) -> Outcome {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    if family == "RSA" {
        let (n, e) = rsa::public_parts(material, private)?;
        let mut key = json!({"kty": "RSA", "n": text(&n), "e": text(&e)});
        if private {
            for (name, part) in PRIVATE_RSA.into_iter().zip(rsa::private_parts(material)?) {
                key[name] = json!(text(&part));
            }
        }
        return Ok(key.to_string().into_bytes());
    }
    let curve = curves::by_name(family)?;
    let public = if private { (curve.public_of)(material)? } else { material.to_vec() };
    let mut key = if family == "Ed25519" {
        json!({"kty": "OKP", "crv": family, "x": text(&public)})
    } else {
        let (x, y) = public.get(1..).ok_or(BAD_KEY)?.split_at_checked(curve.bytes).ok_or(BAD_KEY)?;
        json!({"kty": "EC", "crv": family, "x": text(x), "y": text(y)})
    };
    if private {
        key["d"] = json!(text(material));
    }
    Ok(key.to_string().into_bytes())
}
