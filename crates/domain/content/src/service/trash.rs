//! Into the trash, out of it, and gone for good.

use emdash_store::SiteTransaction;
use emdash_store::content::{Collection, Entry};
use emdash_types::{Caller, EntryId, Error, ErrorCode, Permission, Result};

use super::view::{self, Detail};
use super::work::Work;
use super::{ContentService, not_found, resolve};
use crate::hooks::ContentHook;
use crate::{ContentItem, Target};

impl ContentService {
    /// Puts an entry into the trash, unless a listener forbids it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `DELETE_BLOCKED`.
    pub async fn delete(&self, caller: &Caller, target: Target<'_>) -> Result<EntryId> {
        let deleted = self.delete_many(caller, target.collection, &[target]).await?;
        deleted.into_iter().next().ok_or_else(|| not_found(target.id))
    }

    /// Puts entries of one collection into the trash, all or none; those that are not there are left out.
    ///
    /// # Errors
    /// `DELETE_BLOCKED`.
    pub async fn delete_many(
        &self,
        caller: &Caller,
        collection: &str,
        targets: &[Target<'_>],
    ) -> Result<Vec<EntryId>> {
        let collection = self.collection(collection).await?;
        let mut found = Vec::with_capacity(targets.len());
        let mut transaction = self.store.read().await?;
        for target in targets {
            match resolve(caller, transaction.as_mut(), &collection, *target).await {
                Ok(entry) => found.push(entry),
                Err(error) if error.code() == ErrorCode::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        drop(transaction);
        let mut session = self.session(caller);
        for entry in &found {
            authorise(caller, entry)?;
            session.before_delete(&collection.name, &entry.id).await?;
        }
        let mut work = self.begin(caller).await?;
        let mut deleted = Vec::with_capacity(found.len());
        for entry in found {
            // Somebody else may have been faster, or the same entry was named twice.
            let entry = work.transaction.entry_lookup(&collection, &entry.id, false).await?;
            let Some(entry) = entry else { continue };
            authorise(caller, &entry)?;
            deleted.push(work.throw_away(&collection, entry).await?);
        }
        work.finish(session).await?;
        Ok(deleted)
    }

    /// Takes an entry out of the trash, in the status it had. Trashed entries are named by id.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_STATE` when it is not in the trash.
    pub async fn restore(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        let collection = self.collection(target.collection).await?;
        let mut work = self.begin(caller).await?;
        let mut entry = trashed(work.transaction.as_mut(), &collection, target.id).await?;
        caller.require_owned(
            entry.author_id.as_ref(),
            Permission::ContentEditOwn,
            Permission::ContentEditAny,
        )?;
        entry.deleted_at = None;
        work.store(&collection, &entry).await?;
        work.conclude(&collection, entry, "restore", ContentHook::AfterRestore).await
    }

    /// Removes a trashed entry with its revisions, SEO data, credits and terms.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_STATE` when it is not in the trash.
    pub async fn delete_permanent(&self, caller: &Caller, target: Target<'_>) -> Result<EntryId> {
        caller.require(Permission::ContentDeletePermanent)?;
        let collection = self.collection(target.collection).await?;
        let mut work = self.begin(caller).await?;
        let entry = trashed(work.transaction.as_mut(), &collection, target.id).await?;
        let id = entry.id.clone();
        let item = view::full(work.transaction.as_mut(), &collection, entry.clone(), Detail::Row).await?;
        work.transaction.entry_delete(&collection, &id).await?;
        work.transaction.search_remove(&collection.name, &id).await?;
        work.audit("delete_permanent", &entry).await?;
        work.announce(ContentHook::AfterDelete { permanent: true }, &item).await?;
        let session = self.session(caller);
        work.finish(session).await?;
        Ok(id)
    }
}

impl Work<'_> {
    async fn throw_away(&mut self, collection: &Collection, mut entry: Entry) -> Result<EntryId> {
        entry.deleted_at = Some(self.now);
        self.store(collection, &entry).await?;
        self.index(collection, &entry).await?;
        self.audit("delete", &entry).await?;
        let id = entry.id.clone();
        let item = view::full(self.transaction.as_mut(), collection, entry, Detail::Row).await?;
        self.announce(ContentHook::AfterDelete { permanent: false }, &item).await?;
        Ok(id)
    }
}

fn authorise(caller: &Caller, entry: &Entry) -> Result<()> {
    caller.require_owned(entry.author_id.as_ref(), Permission::ContentDeleteOwn, Permission::ContentDeleteAny)
}

async fn trashed(transaction: &mut dyn SiteTransaction, collection: &Collection, id: &str) -> Result<Entry> {
    let entry = transaction.entry_lookup(collection, &EntryId::from(id), true).await?;
    let entry = entry.ok_or_else(|| not_found(id))?;
    if entry.deleted_at.is_some() {
        return Ok(entry);
    }
    Err(Error::new(ErrorCode::InvalidState, "The entry is not in the trash.")
        .hint("Delete it first; only trashed entries can be restored or removed for good."))
}
