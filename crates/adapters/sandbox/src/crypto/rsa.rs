//! RSA signatures. Keys are kept as PKCS #1. The computing is ring's, which the TLS client uses as well; it wants
//! moduli of 2048 bits or more and makes PSS salts of its own randomness, so PSS is verified here and not signed.

use pkcs1::der::{Decode, Encode};
use pkcs1::{RsaPrivateKey, RsaPrivateKeyRef, RsaPublicKey, RsaPublicKeyRef, UintRef};
use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::{PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaEncoding, RsaKeyPair,
    RsaParameters, UnparsedPublicKey,
};

use super::curves::BAD_KEY;
use crate::intrinsics::Outcome;

fn bad<E>(_: E) -> String {
    BAD_KEY.to_owned()
}

pub(super) fn private_from_pkcs8(der: &[u8]) -> Outcome {
    let info = PrivateKeyInfoRef::try_from(der).map_err(bad)?;
    if info.algorithm.oid != pkcs1::ALGORITHM_OID {
        return Err(BAD_KEY.to_owned());
    }
    let key = info.private_key.as_bytes();
    RsaPrivateKeyRef::try_from(key).map_err(bad)?;
    Ok(key.to_vec())
}

pub(super) fn private_to_pkcs8(key: &[u8]) -> Outcome {
    let key = OctetStringRef::new(key).map_err(bad)?;
    PrivateKeyInfoRef::new(pkcs1::ALGORITHM_ID, key).to_der().map_err(bad)
}

pub(super) fn public_from_spki(der: &[u8]) -> Outcome {
    let info = SubjectPublicKeyInfoRef::try_from(der).map_err(bad)?;
    if info.algorithm.oid != pkcs1::ALGORITHM_OID {
        return Err(BAD_KEY.to_owned());
    }
    let key = info.subject_public_key.raw_bytes();
    RsaPublicKeyRef::try_from(key).map_err(bad)?;
    Ok(key.to_vec())
}

pub(super) fn public_to_spki(key: &[u8]) -> Outcome {
    let subject_public_key = BitStringRef::from_bytes(key).map_err(bad)?;
    SubjectPublicKeyInfoRef { algorithm: pkcs1::ALGORITHM_ID, subject_public_key }.to_der().map_err(bad)
}

/// Modulus and public exponent of a key, private or public.
pub(super) fn public_parts(key: &[u8], private: bool) -> Result<(Vec<u8>, Vec<u8>), String> {
    let parts = if private {
        let key = RsaPrivateKeyRef::from_der(key).map_err(bad)?;
        (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec())
    } else {
        let key = RsaPublicKeyRef::from_der(key).map_err(bad)?;
        (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec())
    };
    Ok(parts)
}

/// `d`, `p`, `q`, `dp`, `dq`, `qi`.
pub(super) fn private_parts(key: &[u8]) -> Result<[Vec<u8>; 6], String> {
    let key = RsaPrivateKeyRef::from_der(key).map_err(bad)?;
    let parts = [key.private_exponent, key.prime1, key.prime2, key.exponent1, key.exponent2, key.coefficient];
    Ok(parts.map(|part| part.as_bytes().to_vec()))
}

pub(super) fn public_key(modulus: &[u8], exponent: &[u8]) -> Outcome {
    let key = RsaPublicKey {
        modulus: UintRef::new(modulus).map_err(bad)?,
        public_exponent: UintRef::new(exponent).map_err(bad)?,
    };
    key.to_der().map_err(bad)
}

pub(super) fn private_key(modulus: &[u8], exponent: &[u8], parts: &[Vec<u8>; 6]) -> Outcome {
    let [d, p, q, dp, dq, qi] = parts;
    let key = RsaPrivateKey {
        modulus: UintRef::new(modulus).map_err(bad)?,
        public_exponent: UintRef::new(exponent).map_err(bad)?,
        private_exponent: UintRef::new(d).map_err(bad)?,
        prime1: UintRef::new(p).map_err(bad)?,
        prime2: UintRef::new(q).map_err(bad)?,
        exponent1: UintRef::new(dp).map_err(bad)?,
        exponent2: UintRef::new(dq).map_err(bad)?,
        coefficient: UintRef::new(qi).map_err(bad)?,
        other_prime_infos: None,
    };
    key.to_der().map_err(bad)
}

pub(super) fn sign(hash: &str, key: &[u8], data: &[u8]) -> Outcome {
    let padding: &'static dyn RsaEncoding = match hash {
        "SHA-256" => &RSA_PKCS1_SHA256,
        "SHA-384" => &RSA_PKCS1_SHA384,
        "SHA-512" => &RSA_PKCS1_SHA512,
        _ => return Err(format!("RSA signatures with {hash} are not made any more; use SHA-256")),
    };
    let pair = RsaKeyPair::from_der(key)
        .map_err(|error| format!("The RSA key cannot be used ({error}); it needs 2048 to 4096 bits"))?;
    let mut signature = vec![0; pair.public().modulus_len()];
    // PKCS #1 v1.5 takes no randomness; the argument is for paddings that do.
    let unused = ring::rand::SystemRandom::new();
    pair.sign(padding, &unused, data, &mut signature)
        .map_err(|_| "The data could not be signed".to_owned())?;
    Ok(signature)
}

pub(super) fn verify(
    pss: bool,
    hash: &str,
    salt: Option<usize>,
    key: &[u8],
    data: &[u8],
    signature: &[u8],
) -> Result<bool, String> {
    let parameters: &'static RsaParameters = match (pss, hash) {
        (false, "SHA-1") => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (false, "SHA-256") => &RSA_PKCS1_2048_8192_SHA256,
        (false, "SHA-384") => &RSA_PKCS1_2048_8192_SHA384,
        (false, "SHA-512") => &RSA_PKCS1_2048_8192_SHA512,
        (true, "SHA-256") if salt == Some(32) => &RSA_PSS_2048_8192_SHA256,
        (true, "SHA-384") if salt == Some(48) => &RSA_PSS_2048_8192_SHA384,
        (true, "SHA-512") if salt == Some(64) => &RSA_PSS_2048_8192_SHA512,
        _ => return Err(format!("RSA-PSS with {hash} needs a saltLength as long as the hash")),
    };
    Ok(UnparsedPublicKey::new(parameters, key).verify(data, signature).is_ok())
}
