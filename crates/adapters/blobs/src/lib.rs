#![doc = include_str!("../README.md")]

mod key;

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use emdash_ports::blobs::Blobs;
use emdash_types::{Error, Result};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};

/// Blobs in an object store.
#[derive(Debug)]
pub struct ObjectBlobs<S>(S);

/// Blobs as files below one folder.
pub type FolderBlobs = ObjectBlobs<LocalFileSystem>;

/// Blobs that are forgotten with the process, for tests.
pub type MemoryBlobs = ObjectBlobs<InMemory>;

impl FolderBlobs {
    /// Opens the folder, creating it where it is missing.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` when the folder cannot be created.
    pub fn new(directory: impl AsRef<Path>) -> Result<Self> {
        std::fs::create_dir_all(&directory).map_err(Error::internal)?;
        let store = LocalFileSystem::new_with_prefix(directory).map_err(Error::internal)?;
        Ok(Self(store.with_fsync(true)))
    }
}

impl Default for MemoryBlobs {
    fn default() -> Self {
        Self(InMemory::new())
    }
}

#[async_trait]
impl<S: ObjectStore> Blobs for ObjectBlobs<S> {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        self.0.put(&key::parse(key)?, bytes.into()).await.map_err(Error::internal)?;
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match self.0.get(&key::parse(key)?).await {
            Ok(found) => found.bytes().await.map(Some).map_err(Error::internal),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(Error::internal(cause)),
        }
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.0.delete(&key::parse(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(Error::internal(cause)),
        }
    }
}
