//! Keys and signatures on P-256, P-384 and Ed25519. A private key is kept as its scalar (Ed25519: its seed), a public
//! one as its uncompressed point (Ed25519: 32 bytes).

use ed25519_dalek::{Signature as EdSignature, Signer, SigningKey as EdKey, VerifyingKey as EdPublic};
use pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};

use crate::intrinsics::Outcome;

pub(super) const BAD_KEY: &str = "The key is not a valid key of this algorithm";

fn bad<E>(_: E) -> String {
    BAD_KEY.to_owned()
}

/// Whether a signature fits, or words for a key that is none.
type Verdict = Result<bool, String>;

/// What every curve can do.
pub(super) struct Curve {
    pub(super) private_from_pkcs8: fn(&[u8]) -> Outcome,
    pub(super) private_to_pkcs8: fn(&[u8]) -> Outcome,
    pub(super) public_from_spki: fn(&[u8]) -> Outcome,
    pub(super) public_to_spki: fn(&[u8]) -> Outcome,
    /// Checks a public key in any of its forms and gives the one that is kept.
    pub(super) public_from_raw: fn(&[u8]) -> Outcome,
    /// The public key of a private one, which is checked on the way.
    pub(super) public_of: fn(&[u8]) -> Outcome,
    /// Signs a digest (Ed25519: the message), the same every time.
    pub(super) sign: fn(&[u8], &[u8]) -> Outcome,
    pub(super) verify: fn(&[u8], &[u8], &[u8]) -> Verdict,
    /// Length of a private key, and of each coordinate.
    pub(super) bytes: usize,
}

pub(super) fn by_name(name: &str) -> Result<&'static Curve, String> {
    match name {
        "P-256" => Ok(&P256),
        "P-384" => Ok(&P384),
        "Ed25519" => Ok(&ED25519),
        _ => Err(format!("The curve {name} is not supported: plugins have P-256, P-384 and Ed25519")),
    }
}

macro_rules! weierstrass {
    ($name:ident, $crate_name:ident, $bytes:literal) => {
        static $name: Curve = Curve {
            private_from_pkcs8: |der| {
                let key = $crate_name::SecretKey::from_pkcs8_der(der).map_err(bad)?;
                Ok(key.to_bytes().to_vec())
            },
            private_to_pkcs8: |scalar| {
                let key = $crate_name::SecretKey::from_slice(scalar).map_err(bad)?;
                Ok(key.to_pkcs8_der().map_err(bad)?.as_bytes().to_vec())
            },
            public_from_spki: |der| {
                use $crate_name::elliptic_curve::sec1::ToSec1Point;
                let key = $crate_name::PublicKey::from_public_key_der(der).map_err(bad)?;
                Ok(key.to_sec1_point(false).as_bytes().to_vec())
            },
            public_to_spki: |point| {
                let key = $crate_name::PublicKey::from_sec1_bytes(point).map_err(bad)?;
                Ok(key.to_public_key_der().map_err(bad)?.as_bytes().to_vec())
            },
            public_from_raw: |point| {
                use $crate_name::elliptic_curve::sec1::ToSec1Point;
                let key = $crate_name::PublicKey::from_sec1_bytes(point).map_err(bad)?;
                Ok(key.to_sec1_point(false).as_bytes().to_vec())
            },
            public_of: |scalar| {
                use $crate_name::elliptic_curve::sec1::ToSec1Point;
                let key = $crate_name::SecretKey::from_slice(scalar).map_err(bad)?;
                Ok(key.public_key().to_sec1_point(false).as_bytes().to_vec())
            },
            sign: |scalar, digest| {
                use $crate_name::ecdsa::signature::hazmat::PrehashSigner;
                let key = $crate_name::ecdsa::SigningKey::from_slice(scalar).map_err(bad)?;
                let signature: $crate_name::ecdsa::Signature =
                    key.sign_prehash(digest).map_err(|error| error.to_string())?;
                Ok(signature.to_bytes().to_vec())
            },
            verify: |point, digest, signature| {
                use $crate_name::ecdsa::signature::hazmat::PrehashVerifier;
                let key = $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(bad)?;
                let signature = $crate_name::ecdsa::Signature::from_slice(signature);
                Ok(signature.is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()))
            },
            bytes: $bytes,
        };
    };
}

weierstrass!(P256, p256, 32);
weierstrass!(P384, p384, 48);

fn seed(bytes: &[u8]) -> Result<EdKey, String> {
    bytes.try_into().map(EdKey::from_bytes).map_err(bad)
}

fn point(bytes: &[u8]) -> Result<EdPublic, String> {
    EdPublic::from_bytes(bytes.try_into().map_err(bad)?).map_err(bad)
}

static ED25519: Curve = Curve {
    private_from_pkcs8: |der| Ok(EdKey::from_pkcs8_der(der).map_err(bad)?.to_bytes().to_vec()),
    private_to_pkcs8: |bytes| {
        let pair =
            ed25519_dalek::pkcs8::KeypairBytes { secret_key: seed(bytes)?.to_bytes(), public_key: None };
        Ok(pair.to_pkcs8_der().map_err(bad)?.as_bytes().to_vec())
    },
    public_from_spki: |der| Ok(EdPublic::from_public_key_der(der).map_err(bad)?.to_bytes().to_vec()),
    public_to_spki: |bytes| Ok(point(bytes)?.to_public_key_der().map_err(bad)?.as_bytes().to_vec()),
    public_from_raw: |bytes| Ok(point(bytes)?.to_bytes().to_vec()),
    public_of: |bytes| Ok(seed(bytes)?.verifying_key().to_bytes().to_vec()),
    sign: |bytes, message| Ok(seed(bytes)?.sign(message).to_bytes().to_vec()),
    verify: |bytes, message, signature| {
        let key = point(bytes)?;
        Ok(EdSignature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()))
    },
    bytes: 32,
};
