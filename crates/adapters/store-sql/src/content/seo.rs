//! SEO data of entries.

use async_trait::async_trait;
use emdash_store::content::{Seo, SeoRepository};
use emdash_types::{CollectionName, EntryId, Result};

use crate::SqlTransaction;
use crate::row::Reader;
use crate::value::bind;

#[async_trait]
impl SeoRepository for SqlTransaction {
    async fn seo_lookup(&mut self, collection: &CollectionName, entry: &EntryId) -> Result<Option<Seo>> {
        let sql = "SELECT content_id, seo_title, seo_description, seo_image, seo_canonical, seo_no_index \
                   FROM _emdash_seo WHERE collection = ?1 AND content_id = ?2";
        self.one(sql, &bind![collection, entry], |row| {
            let mut row = Reader::new("_emdash_seo", row);
            row.text("content_id")?;
            Ok(Seo {
                title: row.optional_text("seo_title")?,
                description: row.optional_text("seo_description")?,
                image: row.optional_text("seo_image")?,
                canonical: row.optional_text("seo_canonical")?,
                no_index: row.flag("seo_no_index")?,
            })
        })
        .await
    }

    async fn seo_set(&mut self, collection: &CollectionName, entry: &EntryId, seo: &Seo) -> Result<()> {
        let sql = "INSERT INTO _emdash_seo (collection, content_id, seo_title, seo_description, seo_image, \
                   seo_canonical, seo_no_index) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (collection, content_id) DO UPDATE SET seo_title = excluded.seo_title, \
                   seo_description = excluded.seo_description, seo_image = excluded.seo_image, \
                   seo_canonical = excluded.seo_canonical, seo_no_index = excluded.seo_no_index";
        let values =
            bind![collection, entry, seo.title, seo.description, seo.image, seo.canonical, seo.no_index];
        self.execute(sql, &values).await?;
        Ok(())
    }

    async fn seo_no_index(&mut self, collection: &CollectionName) -> Result<Vec<EntryId>> {
        let sql = "SELECT content_id FROM _emdash_seo \
                   WHERE collection = ?1 AND seo_no_index = 1 ORDER BY content_id";
        self.all(sql, &bind![collection], |row| Reader::new("_emdash_seo", row).id("content_id")).await
    }
}
