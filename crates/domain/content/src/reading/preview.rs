//! A draft for somebody who was given a link to it.

use std::sync::Arc;

use emdash_types::{EntryId, Result};
use serde_json::Value;

use super::{PublicEntry, PublicView};

impl PublicView {
    /// An entry with its staged values, whatever its status. The caller has checked a preview token for it
    /// (CMS contract §6.3).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn preview(&mut self, collection: &str, id: &EntryId) -> Result<Option<PublicEntry>> {
        let frame = Arc::clone(&self.frame);
        let Some(collection) = frame.collection(collection) else { return Ok(None) };
        let Some(mut row) = self.transaction.entry_lookup(collection, id, false).await? else {
            return Ok(None);
        };
        if let Some(draft) = &row.draft_revision_id
            && let Some(revision) = self.transaction.revision_lookup(draft).await?
        {
            if let Some(slug) = revision.data.get("_slug").and_then(Value::as_str) {
                row.slug = Some(slug.to_owned());
            }
            row.data = revision.data;
            row.data.retain(|field, _| !field.starts_with('_'));
        }
        self.hydrate_whole(collection, row).await
    }
}
