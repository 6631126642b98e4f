//! Bylines and the credits of entries.

use async_trait::async_trait;
use emdash_store::content::{Byline, BylineCredit, BylineRepository};
use emdash_types::{BylineId, CollectionName, EntryId, Error, ErrorCode, Result, UserId};

use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlTransaction};

const BYLINE: &str = "b.id, b.slug, b.display_name, b.bio, b.website_url, b.user_id, b.is_guest, b.locale";

fn read_byline(row: &mut Reader<'_>) -> Result<Byline> {
    Ok(Byline {
        id: row.id("id")?,
        slug: row.text("slug")?,
        display_name: row.text("display_name")?,
        bio: row.optional_text("bio")?,
        website_url: row.optional_text("website_url")?,
        user_id: row.optional_id("user_id")?,
        is_guest: row.flag("is_guest")?,
        locale: row.text("locale")?,
    })
}

fn byline(row: Row) -> Result<Byline> {
    read_byline(&mut Reader::new("_emdash_bylines", row))
}

impl SqlTransaction {
    async fn byline_by(&mut self, column: &'static str, value: crate::Value) -> Result<Option<Byline>> {
        let sql = format!(
            "SELECT {BYLINE} FROM _emdash_bylines AS b WHERE b.{column} = ?1 ORDER BY b.locale LIMIT 1"
        );
        self.one(&sql, &[value], byline).await
    }
}

#[async_trait]
impl BylineRepository for SqlTransaction {
    async fn byline_lookup(&mut self, id: &BylineId) -> Result<Option<Byline>> {
        let [id] = bind![id];
        self.byline_by("id", id).await
    }

    async fn byline_find_by_slug(&mut self, slug: &str) -> Result<Option<Byline>> {
        let [slug] = bind![slug];
        self.byline_by("slug", slug).await
    }

    async fn byline_find_by_user(&mut self, user: &UserId) -> Result<Option<Byline>> {
        let [user] = bind![user];
        self.byline_by("user_id", user).await
    }

    async fn byline_list(&mut self) -> Result<Vec<Byline>> {
        let sql = format!("SELECT {BYLINE} FROM _emdash_bylines AS b ORDER BY b.display_name, b.id");
        self.all(&sql, &[], byline).await
    }

    async fn byline_add(&mut self, byline: &Byline) -> Result<()> {
        self.attempt(
            "INSERT INTO _emdash_bylines (id, slug, display_name, bio, website_url, user_id, is_guest, \
             locale, translation_group) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?1)",
            &bind![
                byline.id,
                byline.slug,
                byline.display_name,
                byline.bio,
                byline.website_url,
                byline.user_id,
                byline.is_guest,
                byline.locale
            ],
        )
        .await
        .map_err(|error| {
            error.or_conflict(|violation| {
                violation.is(&["slug", "locale"], "_emdash_bylines_slug_locale").then(|| {
                    let message = format!("The byline slug \"{}\" is taken.", byline.slug);
                    Error::new(ErrorCode::SlugConflict, message).hint("Choose another slug.")
                })
            })
        })?;
        Ok(())
    }

    async fn entry_bylines(
        &mut self,
        collection: &CollectionName,
        entries: &[EntryId],
    ) -> Result<Vec<(EntryId, BylineCredit)>> {
        let sql = format!(
            "SELECT {BYLINE}, c.content_id, c.role_label FROM _emdash_content_bylines AS c \
             JOIN _emdash_bylines AS b ON b.id = c.byline_id \
             WHERE c.collection_slug = ?1 AND c.content_id IN {} ORDER BY c.content_id, c.sort_order",
            self.dialect().list("?2")
        );
        let ids = json_list(entries.iter().map(EntryId::as_str));
        self.all(&sql, &bind![collection, ids], |row| {
            let mut row = Reader::new("_emdash_content_bylines", row);
            let byline = read_byline(&mut row)?;
            Ok((row.id("content_id")?, BylineCredit { byline, role_label: row.optional_text("role_label")? }))
        })
        .await
    }

    async fn entry_bylines_set(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        credits: &[(BylineId, Option<String>)],
    ) -> Result<()> {
        let delete = "DELETE FROM _emdash_content_bylines WHERE collection_slug = ?1 AND content_id = ?2";
        self.execute(delete, &bind![collection, entry]).await?;
        for (position, (byline, role)) in (0_i64..).zip(credits) {
            let insert = "INSERT INTO _emdash_content_bylines \
                          (collection_slug, content_id, sort_order, byline_id, role_label) \
                          VALUES (?1, ?2, ?3, ?4, ?5)";
            self.execute(insert, &bind![collection, entry, position, byline, role]).await?;
        }
        Ok(())
    }
}
