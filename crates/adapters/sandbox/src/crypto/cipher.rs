//! AES-GCM and AES-CBC.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};
use serde::Deserialize;

use super::bytes;
use crate::intrinsics::Outcome;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    mode: Mode,
    encrypt: bool,
    #[serde(deserialize_with = "bytes")]
    iv: Vec<u8>,
    /// Authenticated and not encrypted; GCM only.
    #[serde(deserialize_with = "bytes")]
    aad: Vec<u8>,
}

#[derive(Deserialize)]
enum Mode {
    #[serde(rename = "AES-GCM")]
    Gcm,
    #[serde(rename = "AES-CBC")]
    Cbc,
}

const FAILED: &str = "The data could not be decrypted with this key";

pub(super) fn run(facts: &Facts, key: &[u8], data: &[u8]) -> Outcome {
    match (&facts.mode, key.len(), facts.iv.len()) {
        (Mode::Gcm, 16, 12) => gcm::<AesGcm<Aes128, U12>>(facts, key, data),
        (Mode::Gcm, 24, 12) => gcm::<AesGcm<Aes192, U12>>(facts, key, data),
        (Mode::Gcm, 32, 12) => gcm::<AesGcm<Aes256, U12>>(facts, key, data),
        (Mode::Gcm, 16, 16) => gcm::<AesGcm<Aes128, U16>>(facts, key, data),
        (Mode::Gcm, 24, 16) => gcm::<AesGcm<Aes192, U16>>(facts, key, data),
        (Mode::Gcm, 32, 16) => gcm::<AesGcm<Aes256, U16>>(facts, key, data),
        (Mode::Gcm, _, length) => Err(format!("The iv of AES-GCM has 12 or 16 bytes here, not {length}")),
        (Mode::Cbc, 16, _) => cbc::<cbc::Encryptor<Aes128>, cbc::Decryptor<Aes128>>(facts, key, data),
        (Mode::Cbc, 24, _) => cbc::<cbc::Encryptor<Aes192>, cbc::Decryptor<Aes192>>(facts, key, data),
        (Mode::Cbc, 32, _) => cbc::<cbc::Encryptor<Aes256>, cbc::Decryptor<Aes256>>(facts, key, data),
        (_, length, _) => Err(format!("An AES key has 16, 24 or 32 bytes, not {length}")),
    }
}

fn gcm<C: Aead + KeyInit>(facts: &Facts, key: &[u8], data: &[u8]) -> Outcome {
    let cipher = C::new_from_slice(key).map_err(|error| error.to_string())?;
    let nonce = <&Nonce<C::NonceSize>>::try_from(facts.iv.as_slice()).map_err(|error| error.to_string())?;
    let payload = Payload { msg: data, aad: &facts.aad };
    let done = if facts.encrypt { cipher.encrypt(nonce, payload) } else { cipher.decrypt(nonce, payload) };
    done.map_err(|_| FAILED.to_owned())
}

fn cbc<E, D>(facts: &Facts, key: &[u8], data: &[u8]) -> Outcome
where
    E: BlockModeEncrypt + KeyIvInit,
    D: BlockModeDecrypt + KeyIvInit,
{
    let wrong = |_| format!("The iv of AES-CBC has 16 bytes, not {}", facts.iv.len());
    if facts.encrypt {
        let cipher = E::new_from_slices(key, &facts.iv).map_err(wrong)?;
        return Ok(cipher.encrypt_padded_vec::<Pkcs7>(data));
    }
    let cipher = D::new_from_slices(key, &facts.iv).map_err(wrong)?;
    cipher.decrypt_padded_vec::<Pkcs7>(data).map_err(|_| FAILED.to_owned())
}
