//! Revisions of entries.

use async_trait::async_trait;
use emdash_store::content::{Revision, RevisionRepository};
use emdash_types::{CollectionName, EntryId, Result, RevisionId};

use super::table;
use crate::row::Reader;
use crate::value::bind;
use crate::{Row, SqlTransaction, Value};

const REVISION: &str = "id, collection, entry_id, data, author_id, created_at";

fn revision(row: Row) -> Result<Revision> {
    let mut row = Reader::new("revisions", row);
    Ok(Revision {
        id: row.id("id")?,
        collection: row.checked("collection")?,
        entry_id: row.id("entry_id")?,
        data: row.json("data")?,
        author_id: row.optional_id("author_id")?,
        created_at: row.time("created_at")?,
    })
}

#[async_trait]
impl RevisionRepository for SqlTransaction {
    async fn revision_lookup(&mut self, id: &RevisionId) -> Result<Option<Revision>> {
        self.one(&format!("SELECT {REVISION} FROM revisions WHERE id = ?1"), &bind![id], revision).await
    }

    async fn revision_list(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        limit: u32,
    ) -> Result<Vec<Revision>> {
        let sql = format!(
            "SELECT {REVISION} FROM revisions WHERE collection = ?1 AND entry_id = ?2 \
             ORDER BY created_at DESC, id DESC LIMIT ?3"
        );
        self.all(&sql, &bind![collection, entry, limit], revision).await
    }

    async fn revision_count(&mut self, collection: &CollectionName, entry: &EntryId) -> Result<u64> {
        let sql = "SELECT count(*) FROM revisions WHERE collection = ?1 AND entry_id = ?2";
        self.number(sql, &bind![collection, entry]).await
    }

    async fn revision_add(&mut self, revision: &Revision) -> Result<()> {
        let data = Value::Text(serde_json::to_string(&revision.data).map_err(emdash_types::Error::internal)?);
        self.attempt(
            &format!("INSERT INTO revisions ({REVISION}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
            &bind![
                revision.id,
                revision.collection,
                revision.entry_id,
                data,
                revision.author_id,
                revision.created_at
            ],
        )
        .await?;
        Ok(())
    }

    async fn revision_delete(&mut self, id: &RevisionId) -> Result<()> {
        self.execute("DELETE FROM revisions WHERE id = ?1", &bind![id]).await?;
        Ok(())
    }

    async fn revision_prune(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        keep: u32,
    ) -> Result<()> {
        let table = table(collection);
        let sql = format!(
            "DELETE FROM revisions WHERE collection = ?1 AND entry_id = ?2 AND id NOT IN \
             (SELECT id FROM revisions WHERE collection = ?1 AND entry_id = ?2 \
             ORDER BY created_at DESC, id DESC LIMIT ?3) AND NOT EXISTS \
             (SELECT 1 FROM {table} AS e WHERE e.id = ?2 \
             AND (e.live_revision_id = revisions.id OR e.draft_revision_id = revisions.id))"
        );
        self.execute(&sql, &bind![collection, entry, keep]).await?;
        Ok(())
    }
}
