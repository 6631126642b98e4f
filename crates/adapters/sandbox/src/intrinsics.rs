//! What the engine has the host compute on the spot: no authority, no state, bytes in and bytes out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use url::{Url, form_urlencoded, quirks};

use crate::{crypto, multipart, text_codec};

/// Bytes for the guest, or words for it.
pub(crate) type Outcome = Result<Vec<u8>, String>;

/// Runs operation `number` of `engine/prelude/operations.js`. A refusal becomes a `TypeError` in the guest.
pub(crate) fn compute(number: i32, a: &[u8], b: &[u8], c: &[u8]) -> Outcome {
    match number {
        1 => parse_url(text(a)?, (!c.is_empty()).then(|| text(b)).transpose()?),
        2 => set_url_part(text(a)?, text(b)?, text(c)?),
        3 => Ok(parse_form(a)),
        4 => serialize_form(a),
        5 => Ok(STANDARD.encode(a).into_bytes()),
        6 => STANDARD.decode(a).map_err(|error| format!("Invalid base64: {error}")),
        7 => Ok(String::from_utf8_lossy(a).into_owned().into_bytes()),
        8 => digest(text(a)?, b),
        9 => hmac(text(a)?, b, c),
        40 => text_codec::name(text(a)?),
        41 => text_codec::decode(text(a)?, text(b)?, c),
        42 => multipart::parts(a, b),
        43..=51 => crypto::compute(number, a, b, c),
        _ => localized(number, text(a)?, text(b)?, text(c)?),
    }
}

/// The operations of `engine/prelude/intl_host.js` begin after this number.
const LOCALIZED: i32 = 100;

fn localized(number: i32, a: &str, b: &str, c: &str) -> Outcome {
    let operation = number.checked_sub(LOCALIZED).and_then(|operation| u8::try_from(operation).ok());
    let operation = operation.ok_or_else(|| format!("unknown operation {number}"))?;
    emdash_intl::compute(operation, a, b, c).map(String::into_bytes)
}

pub(crate) fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "not valid Unicode".to_owned())
}

fn parts(url: &Url) -> Vec<u8> {
    let parts: Value = json!({
        "href": quirks::href(url),
        "origin": origin(url),
        "protocol": quirks::protocol(url),
        "username": quirks::username(url),
        "password": quirks::password(url),
        "host": quirks::host(url),
        "hostname": quirks::hostname(url),
        "port": quirks::port(url),
        "pathname": quirks::pathname(url),
        "search": quirks::search(url),
        "hash": quirks::hash(url),
    });
    parts.to_string().into_bytes()
}

/// Of the URLs within `blob:` only those of the web give it an origin.
fn origin(url: &Url) -> String {
    let opaque =
        url.scheme() == "blob" && !url.path().starts_with("http:") && !url.path().starts_with("https:");
    if opaque { "null".to_owned() } else { quirks::origin(url) }
}

fn parse_url(input: &str, base: Option<&str>) -> Outcome {
    let invalid = |text: &str| format!("Invalid URL: {}", text.chars().take(200).collect::<String>());
    let base = base.map(|base| Url::parse(base).map_err(|_| invalid(base))).transpose()?;
    let url = Url::options().base_url(base.as_ref()).parse(input).map_err(|_| invalid(input))?;
    Ok(parts(&url))
}

fn set_url_part(href: &str, part: &str, value: &str) -> Outcome {
    let mut url = Url::parse(href).map_err(|error| error.to_string())?;
    // A setter that cannot apply the value leaves the URL as it is; only `href` throws.
    let _unchanged = match part {
        "href" => return parse_url(value, None),
        "protocol" => quirks::set_protocol(&mut url, value),
        "username" => quirks::set_username(&mut url, value),
        "password" => quirks::set_password(&mut url, value),
        "host" => quirks::set_host(&mut url, value),
        "hostname" => quirks::set_hostname(&mut url, value),
        "port" => quirks::set_port(&mut url, value),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
        _ => Err(()),
    };
    Ok(parts(&url))
}

fn parse_form(query: &[u8]) -> Vec<u8> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query).into_owned().collect();
    json!(pairs).to_string().into_bytes()
}

fn serialize_form(pairs: &[u8]) -> Outcome {
    let pairs: Vec<(String, String)> = serde_json::from_slice(pairs).map_err(|error| error.to_string())?;
    Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes())
}

pub(crate) fn digest(algorithm: &str, data: &[u8]) -> Outcome {
    match algorithm {
        "SHA-1" => Ok(Sha1::digest(data).to_vec()),
        "SHA-256" => Ok(Sha256::digest(data).to_vec()),
        "SHA-384" => Ok(Sha384::digest(data).to_vec()),
        "SHA-512" => Ok(Sha512::digest(data).to_vec()),
        _ => Err(format!("unsupported hash {algorithm}")),
    }
}

pub(crate) fn hmac(algorithm: &str, key: &[u8], data: &[u8]) -> Outcome {
    match algorithm {
        "SHA-1" => tag::<Hmac<Sha1>>(key, data),
        "SHA-256" => tag::<Hmac<Sha256>>(key, data),
        "SHA-384" => tag::<Hmac<Sha384>>(key, data),
        "SHA-512" => tag::<Hmac<Sha512>>(key, data),
        _ => Err(format!("unsupported hash {algorithm}")),
    }
}

fn tag<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Outcome {
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|error| error.to_string())?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::hex;

    #[test]
    fn digests_and_tags_match_the_published_vectors() {
        let digest = compute(8, b"SHA-256", b"abc", b"").unwrap();
        assert_eq!(hex(&digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let tag = compute(9, b"SHA-256", b"Jefe", b"what do ya want for nothing?").unwrap();
        assert_eq!(hex(&tag), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_part_that_cannot_be_set_leaves_the_url_alone() {
        let parts = compute(2, b"https://example.org/a", b"port", b"no port").unwrap();
        let parts: Value = serde_json::from_slice(&parts).unwrap();
        assert_eq!(parts["href"], "https://example.org/a");
    }
}
