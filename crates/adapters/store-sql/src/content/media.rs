//! The media library.

use async_trait::async_trait;
use emdash_store::content::{Media, MediaRepository, MediaStatus};
use emdash_types::{Cursor, Error, MediaId, Page, PageRequest, Result};

use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlTransaction, Value};

const MEDIA: &str = "id, filename, mime_type, size, width, height, alt, caption, storage_key, content_hash, status, \
                     author_id, created_at";

fn media(row: Row) -> Result<Media> {
    let mut row = Reader::new("media", row);
    Ok(Media {
        id: row.id("id")?,
        filename: row.text("filename")?,
        mime_type: row.text("mime_type")?,
        size: row.optional_integer("size")?,
        width: row.optional_integer("width")?,
        height: row.optional_integer("height")?,
        alt: row.optional_text("alt")?,
        caption: row.optional_text("caption")?,
        storage_key: row.text("storage_key")?,
        content_hash: row.optional_text("content_hash")?,
        status: row.word("status", MediaStatus::parse)?,
        author_id: row.optional_id("author_id")?,
        created_at: row.time("created_at")?,
    })
}

fn values(media: &Media) -> [Value; 13] {
    bind![
        media.id,
        media.filename,
        media.mime_type,
        media.size,
        media.width,
        media.height,
        media.alt,
        media.caption,
        media.storage_key,
        media.content_hash,
        media.status.as_str(),
        media.author_id,
        media.created_at,
    ]
}

#[async_trait]
impl MediaRepository for SqlTransaction {
    async fn media_lookup(&mut self, id: &MediaId) -> Result<Option<Media>> {
        self.one(&format!("SELECT {MEDIA} FROM media WHERE id = ?1"), &bind![id], media).await
    }

    async fn media_lookup_many(&mut self, ids: &[MediaId]) -> Result<Vec<Media>> {
        let sql = format!("SELECT {MEDIA} FROM media WHERE id IN {}", self.dialect().list("?1"));
        self.all(&sql, &[json_list(ids.iter().map(MediaId::as_str))], media).await
    }

    async fn media_list(&mut self, page: &PageRequest) -> Result<Page<Media>> {
        let mut values = bind![u64::from(page.limit) + 1].to_vec();
        let mut condition = "";
        if let Some(cursor) = &page.cursor {
            condition = "WHERE (created_at, id) < (?2, ?3)";
            values.extend(bind![cursor.order_value, cursor.id]);
        }
        let sql = format!("SELECT {MEDIA} FROM media {condition} ORDER BY created_at DESC, id DESC LIMIT ?1");
        let rows = self.all(&sql, &values, media).await?;
        Ok(Page::from_surplus(rows, page.limit, |media| Cursor {
            order_value: media.created_at.to_string(),
            id: media.id.to_string(),
        }))
    }

    async fn media_count(&mut self) -> Result<u64> {
        self.number("SELECT count(*) FROM media", &[]).await
    }

    async fn media_add(&mut self, media: &Media) -> Result<()> {
        let sql = format!(
            "INSERT INTO media ({MEDIA}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        );
        self.attempt(&sql, &values(media)).await?;
        Ok(())
    }

    async fn media_update(&mut self, media: &Media) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE media SET filename = ?2, mime_type = ?3, size = ?4, width = ?5, height = ?6, alt = ?7, \
                 caption = ?8, storage_key = ?9, content_hash = ?10, status = ?11, author_id = ?12, \
                 created_at = ?13 WHERE id = ?1",
                &values(media),
            )
            .await?;
        if changed == 0 { Err(Error::not_found("Media item", &media.id)) } else { Ok(()) }
    }

    async fn media_delete(&mut self, id: &MediaId) -> Result<()> {
        self.execute("DELETE FROM media WHERE id = ?1", &bind![id]).await?;
        Ok(())
    }
}
