//! Named bytes: plugin bundles and media files.

use async_trait::async_trait;
use bytes::Bytes;
use emdash_types::Result;

/// A store of immutable byte strings under slash-separated keys.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Stores bytes under a key, whole or not at all; an existing key is replaced.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<()>;

    /// The bytes, or `None` where the key is not known.
    async fn get(&self, key: &str) -> Result<Option<Bytes>>;

    /// Forgets a key; an unknown key is no error.
    async fn delete(&self, key: &str) -> Result<()>;
}
