//! Compiled code and the base image on disk, so that a start does not compile an engine.
//!
//! The directory is the server's own (mode 0700): whoever can write native code there is the server already.
//! Every file carries the hash of its content, so a torn write is a cache miss, never loaded.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use emdash_types::{Error, ErrorCode, Result};
use sha2::{Digest, Sha256};

const HASH_LENGTH: usize = 32;
/// Begins the name of every file of ours; others in the directory are left alone.
pub(crate) const PREFIX: &str = "engine-";

/// The cache directory.
pub(crate) struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens the directory, creating it where it is missing.
    ///
    /// # Errors
    /// `SANDBOX_NOT_AVAILABLE` when others may write to it.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(Error::internal)?;
        let mode = fs::metadata(directory).map_err(Error::internal)?.mode();
        if mode & 0o022 != 0 {
            return Err(Error::new(
                ErrorCode::SandboxNotAvailable,
                format!(
                    "The engine cache {} is writable by others (mode {:o}), so the code in it cannot be trusted.",
                    directory.display(),
                    mode & 0o777
                ),
            )
            .hint("Run chmod 700 on the directory, or delete it."));
        }
        Ok(Self { directory: directory.to_owned() })
    }

    /// What was stored under the name, unless it is missing or damaged.
    pub(crate) fn load(&self, name: &str) -> Option<Vec<u8>> {
        let mut content = fs::read(self.directory.join(name)).ok()?;
        let stored = content.get(..HASH_LENGTH)?.to_vec();
        content.drain(..HASH_LENGTH);
        (Sha256::digest(&content).as_slice() == stored).then_some(content)
    }

    /// Stores under the name. A failure costs the next start a compilation and is logged.
    fn store(&self, name: &str, content: &[u8]) {
        if let Err(error) = self.write(name, content) {
            tracing::warn!(%error, file = name, "the engine cache cannot be written");
        }
    }

    fn write(&self, name: &str, content: &[u8]) -> std::io::Result<()> {
        let partial = self.directory.join(format!("{name}.{}.partial", std::process::id()));
        let mut file = fs::File::create(&partial)?;
        file.write_all(&Sha256::digest(content))?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, self.directory.join(name))
    }

    /// Stores one of many under a common prefix, and lets go of the oldest of them beyond `most` bytes.
    pub(crate) fn store_within(&self, name: &str, content: &[u8], prefix: &str, most: u64) {
        self.store(name, content);
        if let Err(error) = self.shrink(prefix, most) {
            tracing::warn!(%error, prefix, "the engine cache cannot be tidied");
        }
    }

    fn shrink(&self, prefix: &str, most: u64) -> std::io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                let facts = entry.metadata()?;
                kept.push((facts.modified()?, facts.len(), entry.path()));
            }
        }
        kept.sort();
        let mut total: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in kept {
            if total <= most {
                break;
            }
            fs::remove_file(path)?;
            total -= bytes;
        }
        Ok(())
    }

    /// Stores a part of the engine, and removes what other versions of it left.
    pub(crate) fn store_engine(&self, name: &str, content: &[u8]) {
        self.store(name, content);
        if let Err(error) = self.sweep(name) {
            tracing::warn!(%error, "the engine cache cannot be tidied");
        }
    }

    fn sweep(&self, name: &str) -> std::io::Result<()> {
        let key = name.split('.').next().unwrap_or(name);
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let file = entry.file_name();
            let file = file.to_string_lossy();
            if file.starts_with(PREFIX) && !file.starts_with(key) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}
