#![doc = include_str!("../README.md")]

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emdash_ports::vault::Vault;
use emdash_types::{Ambient, Error, ErrorCode, Result, Secret};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

const VERSION: &str = "v1";
const KEY_BYTES: usize = 32;

/// A vault whose key lies in a file.
pub struct KeyFileVault {
    key: LessSafeKey,
    key_id: String,
    ambient: Ambient,
}

impl KeyFileVault {
    /// Reads the key, or makes one where there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or made, or holds no key.
    pub fn open(path: &Path, ambient: Ambient) -> Result<Self> {
        let bytes = match fs::read_to_string(path) {
            Ok(text) => URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| damaged(path))?,
            Err(error) if error.kind() == ErrorKind::NotFound => make(path, &ambient)?,
            Err(error) => return Err(unusable(path, error)),
        };
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| damaged(path))?;
        let hash = Sha256::digest(&bytes);
        let key_id = URL_SAFE_NO_PAD.encode(hash.iter().take(6).copied().collect::<Vec<_>>());
        Ok(Self { key: LessSafeKey::new(key), key_id, ambient })
    }
}

impl Vault for KeyFileVault {
    fn seal(&self, name: &str, secret: &Secret) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = self.ambient.bytes();
        let mut data = secret.expose().as_bytes().to_vec();
        let sealed = self.key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(name.as_bytes()),
            &mut data,
        );
        sealed.map_err(|_| Error::internal("the secret cannot be sealed"))?;
        let text = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &data].concat());
        Ok(format!("{VERSION}.{}.{text}", self.key_id))
    }

    fn open(&self, name: &str, sealed: &str) -> Result<Secret> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(key_id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(unreadable("it is not in a form this version knows"));
        };
        if key_id != self.key_id {
            return Err(unreadable("it was sealed under another key"));
        }
        let opened = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| {
            let (nonce, data) = bytes.split_first_chunk::<NONCE_LEN>()?;
            let mut data = data.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let plain = self.key.open_in_place(nonce, Aad::from(name.as_bytes()), &mut data).ok()?;
            String::from_utf8(plain.to_vec()).ok()
        });
        opened.map(Secret::new).ok_or_else(|| unreadable("it was changed since it was sealed"))
    }
}

/// The new key appears whole or not at all, and never readable by others.
fn make(path: &Path, ambient: &Ambient) -> Result<Vec<u8>> {
    let bytes: [u8; KEY_BYTES] = ambient.bytes();
    let draft = path.with_extension("new");
    let write = || {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        owner_only(&mut options);
        let mut file = options.open(&draft)?;
        file.write_all(URL_SAFE_NO_PAD.encode(bytes).as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(|error| unusable(path, error))?;
    Ok(bytes.to_vec())
}

#[cfg(unix)]
fn owner_only(options: &mut fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn owner_only(_: &mut fs::OpenOptions) {}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorCode::Internal, format!("The key file {} cannot be used: {error}.", path.display()))
}

fn damaged(path: &Path) -> Error {
    Error::new(ErrorCode::Internal, format!("The key file {} does not hold a key.", path.display()))
        .hint("Put it back from a backup. Without it, remove it and enter the plugins' secrets again.")
}

fn unreadable(why: &str) -> Error {
    Error::new(ErrorCode::SecretUnreadable, format!("A stored secret cannot be read: {why}."))
        .hint("Enter it again in the plugin's settings, or put the installation's key file back.")
}

#[cfg(test)]
mod tests {
    use emdash_types::testing::ambient;

    use super::*;

    fn vault(directory: &Path, seed: u64) -> KeyFileVault {
        KeyFileVault::open(&directory.join("secret.key"), ambient(seed).0).unwrap()
    }

    fn secret() -> Secret {
        Secret::new("sk-live-1234567890".to_owned())
    }

    #[test]
    fn a_secret_survives_a_restart_and_is_not_in_its_sealed_text() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = vault(directory.path(), 1).seal("a", &secret()).unwrap();
        assert!(!sealed.contains("sk-live"));
        assert_eq!(vault(directory.path(), 2).open("a", &sealed).unwrap(), secret());
    }

    #[test]
    fn the_same_secret_is_sealed_differently_every_time() {
        let directory = tempfile::tempdir().unwrap();
        let vault = vault(directory.path(), 1);
        assert_ne!(vault.seal("a", &secret()).unwrap(), vault.seal("a", &secret()).unwrap());
    }

    #[test]
    fn another_name_another_key_and_a_changed_text_are_refused() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault_here = vault(here.path(), 1);
        let sealed = vault_here.seal("settings:a:key", &secret()).unwrap();
        let mut changed = sealed.clone();
        let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
        changed.push(last);
        let refused = [
            vault_here.open("settings:b:key", &sealed),
            vault(there.path(), 2).open("settings:a:key", &sealed),
            vault_here.open("settings:a:key", &changed),
            vault_here.open("settings:a:key", "sk-live-1234567890"),
        ];
        for outcome in refused {
            assert_eq!(outcome.unwrap_err().code(), ErrorCode::SecretUnreadable);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        drop(vault(directory.path(), 1));
        let mode = fs::metadata(directory.path().join("secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_file_is_named_and_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        fs::write(&path, "not a key").unwrap();
        let Err(error) = KeyFileVault::open(&path, ambient(1).0) else { panic!("it opened") };
        assert!(error.message().contains("secret.key"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }
}
