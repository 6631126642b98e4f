//! The layout of a data directory, and who works on it.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use emdash_types::{Error, ErrorCode, Result};

/// A data directory: one site, the platform's database, blobs and caches.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// At a path, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether a site was made here.
    #[must_use]
    pub fn has_site(&self) -> bool {
        self.site_database().is_file()
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.0.join("sites").join("default")
    }

    pub(crate) fn site_database(&self) -> PathBuf {
        self.site().join("site.db")
    }

    pub(crate) fn plugin_data(&self) -> PathBuf {
        self.site().join("plugins")
    }

    pub(crate) fn site_blobs(&self) -> PathBuf {
        self.site().join("blobs")
    }

    /// The key the plugins' secrets are sealed under.
    pub(crate) fn secret_key(&self) -> PathBuf {
        self.0.join("secret.key")
    }

    pub(crate) fn platform_database(&self) -> PathBuf {
        self.0.join("platform.db")
    }

    pub(crate) fn platform_blobs(&self) -> PathBuf {
        self.0.join("marketplace").join("blobs")
    }

    pub(crate) fn engine_cache(&self) -> PathBuf {
        self.0.join("cache").join("engine")
    }

    pub(crate) fn theme(&self) -> PathBuf {
        self.0.join("themes").join("default")
    }

    /// Makes the directories, readable by their owner only: they hold everything.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` naming the directory that cannot be made.
    pub fn create(&self) -> Result<()> {
        for directory in
            [self.site(), self.plugin_data(), self.site_blobs(), self.platform_blobs(), self.engine_cache()]
        {
            fs::create_dir_all(&directory).map_err(|error| unusable(&directory, error))?;
        }
        restrict(&self.0)
    }

    /// Claims the directory for a server, until the returned guard is dropped or the process ends.
    ///
    /// # Errors
    /// `DATABASE_IN_USE` when another server has it, naming where that one listens.
    pub fn claim(&self, listening: &str) -> Result<Claim> {
        let path = self.0.join("server.lock");
        let mut options = File::options();
        let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(|error| unusable(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(&self.0, &read(&mut file))),
            Err(TryLockError::Error(error)) => return Err(unusable(&path, error)),
        }
        let noted =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(listening.as_bytes()));
        noted.map_err(|error| unusable(&path, error))?;
        Ok(Claim { _file: file })
    }
}

/// A server's claim on a data directory.
#[derive(Debug)]
pub struct Claim {
    _file: File,
}

fn read(file: &mut File) -> String {
    let mut text = String::new();
    // Without the address the refusal only says less.
    let _ = file.take(256).read_to_string(&mut text);
    text
}

fn in_use(path: &Path, listening: &str) -> Error {
    let message = format!("A server works on {} and listens on {listening}.", path.display());
    Error::new(ErrorCode::DatabaseInUse, message)
        .hint("Stop that server first, or talk to it: --url http://ADDRESS --token TOKEN.")
}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorCode::Internal, format!("{} cannot be used: {error}.", path.display()))
        .hint("Check that the disk has room and that the user running emdash may write there.")
}

#[cfg(unix)]
fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|error| unusable(path, error))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> Result<()> {
    Ok(())
}
