//! Drafts and history.

use emdash_store::content::Revision;
use emdash_types::{Caller, Error, Permission, Result, RevisionId};

use super::view::{self, Detail};
use super::{ContentService, reload, resolve};
use crate::hooks::ContentHook;
use crate::{Comparison, ContentItem, RevisionItem, RevisionList, Target, fields};

/// Most revisions in one answer.
const MAX_LIMIT: u32 = 100;

impl ContentService {
    /// Forgets what is staged; the revision stays in the history. Without a draft nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND`, or the caller may not edit it.
    pub async fn discard_draft(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        let collection = self.collection(target.collection).await?;
        let mut work = self.begin(caller).await?;
        let mut entry = resolve(caller, work.transaction.as_mut(), &collection, target).await?;
        caller.require_owned(
            entry.author_id.as_ref(),
            Permission::ContentEditOwn,
            Permission::ContentEditAny,
        )?;
        if entry.draft_revision_id.take().is_some() {
            let expected = entry.version;
            // Whoever edits on the basis of the draft must learn that it is gone.
            entry.version += 1;
            work.transaction.entry_update(&collection, &entry, expected).await?;
            work.audit("discard_draft", &entry).await?;
        }
        let item = view::full(work.transaction.as_mut(), &collection, entry, Detail::Row).await?;
        let session = self.session(caller);
        work.finish(session).await?;
        Ok(item)
    }

    /// What is live beside what is staged.
    ///
    /// # Errors
    /// `NOT_FOUND`, or the caller may not read drafts.
    pub async fn compare(&self, caller: &Caller, target: Target<'_>) -> Result<Comparison> {
        caller.require(Permission::ContentReadDrafts)?;
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(caller, transaction.as_mut(), &collection, target).await?;
        let draft = match &entry.draft_revision_id {
            Some(id) => transaction.revision_lookup(id).await?.map(|revision| revision.data),
            None => None,
        };
        let has_changes = draft.as_ref().is_some_and(|draft| *draft != entry.data);
        Ok(Comparison { has_changes, live: Some(entry.data), draft })
    }

    /// The newest revisions of an entry.
    ///
    /// # Errors
    /// `NOT_FOUND`; `VALIDATION_ERROR` for a limit beyond 100.
    pub async fn revisions(&self, caller: &Caller, target: Target<'_>, limit: u32) -> Result<RevisionList> {
        caller.require(Permission::ContentReadDrafts)?;
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::field("limit", format!("is {limit}, allowed are 1 to {MAX_LIMIT}")));
        }
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(caller, transaction.as_mut(), &collection, target).await?;
        let rows = transaction.revision_list(&collection.name, &entry.id, limit).await?;
        let total = transaction.revision_count(&collection.name, &entry.id).await?;
        Ok(RevisionList { items: rows.into_iter().map(RevisionItem::from).collect(), total })
    }

    /// One revision.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn revision(&self, caller: &Caller, id: &RevisionId) -> Result<RevisionItem> {
        caller.require(Permission::ContentReadDrafts)?;
        Ok(self.find_revision(id).await?.into())
    }

    /// Brings a revision back: as the draft where the collection has revisions, else at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, or the caller may not edit the entry.
    pub async fn revision_restore(&self, caller: &Caller, id: &RevisionId) -> Result<ContentItem> {
        let revision = self.find_revision(id).await?;
        let collection = self.collection(revision.collection.as_str()).await?;
        let mut work = self.begin(caller).await?;
        let mut entry = reload(work.transaction.as_mut(), &collection, &revision.entry_id).await?;
        caller.require_owned(
            entry.author_id.as_ref(),
            Permission::ContentEditOwn,
            Permission::ContentEditAny,
        )?;
        let expected = entry.version;
        entry.version += 1;
        if collection.supports("revisions") {
            let author = caller.user_id().cloned();
            let copy = work.add_revision(&entry, revision.data, author).await?;
            entry.draft_revision_id = Some(copy.id);
        } else {
            entry.data = fields::known(&collection, &revision.data);
            entry.updated_at = work.now;
        }
        work.transaction.entry_update(&collection, &entry, expected).await?;
        work.prune(&entry).await?;
        work.index(&collection, &entry).await?;
        work.audit("revision_restore", &entry).await?;
        let item = view::full(work.transaction.as_mut(), &collection, entry, Detail::Everything).await?;
        work.announce(ContentHook::AfterSave { is_new: false }, &item).await?;
        let session = self.session(caller);
        work.finish(session).await?;
        Ok(item)
    }

    async fn find_revision(&self, id: &RevisionId) -> Result<Revision> {
        let mut transaction = self.store.read().await?;
        transaction.revision_lookup(id).await?.ok_or_else(|| Error::not_found("Revision", id))
    }
}
