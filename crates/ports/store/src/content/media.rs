//! The media library (CMS contract §3.5).

use async_trait::async_trait;
use emdash_types::{MediaId, Page, PageRequest, Result, Timestamp, UserId};

/// Whether the bytes are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaStatus {
    /// Announced, or known from an import whose files were not fetched.
    Pending,
    /// Stored.
    Ready,
    /// Given up.
    Failed,
}

impl MediaStatus {
    /// The text in column and wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Ready, Self::Failed].into_iter().find(|status| status.as_str() == text)
    }
}

/// A media item.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Id.
    pub id: MediaId,
    /// File name as uploaded.
    pub filename: String,
    /// Media type.
    pub mime_type: String,
    /// Bytes.
    pub size: Option<i64>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// Text alternative.
    pub alt: Option<String>,
    /// Caption.
    pub caption: Option<String>,
    /// Key in the blob store; for a pending import the original URL.
    pub storage_key: String,
    /// `sha1:<hex>`.
    pub content_hash: Option<String>,
    /// Status.
    pub status: MediaStatus,
    /// Owner.
    pub author_id: Option<UserId>,
    /// Made at.
    pub created_at: Timestamp,
}

/// Media of one site.
#[async_trait]
pub trait MediaRepository {
    /// By id.
    async fn media_lookup(&mut self, id: &MediaId) -> Result<Option<Media>>;

    /// Several by id, in no particular order; unknown ids are left out.
    async fn media_lookup_many(&mut self, ids: &[MediaId]) -> Result<Vec<Media>>
    where
        Self: Send,
    {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.media_lookup(id).await?);
        }
        Ok(found)
    }

    /// Newest first.
    async fn media_list(&mut self, page: &PageRequest) -> Result<Page<Media>>;

    /// How many there are.
    async fn media_count(&mut self) -> Result<u64>;

    /// Stores one.
    async fn media_add(&mut self, media: &Media) -> Result<()>;

    /// Writes every column.
    async fn media_update(&mut self, media: &Media) -> Result<()>;

    /// Forgets one.
    async fn media_delete(&mut self, id: &MediaId) -> Result<()>;
}
