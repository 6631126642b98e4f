//! Into the trash, out of it, and gone for good.

use emdash_store::SiteTransaction;
use emdash_store::content::{Collection, Entry};
use emdash_types::{Caller, EntryId, Error, ErrorCode, Permission, Result};

use super::view::{self, Detail};
use super::{ContentService, not_found, reload, resolve};
use crate::hooks::ContentHook;
use crate::{ContentItem, Target};

impl ContentService {
    /// Puts an entry into the trash, unless a listener forbids it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `DELETE_BLOCKED`.
    pub async fn delete(&self, caller: &Caller, target: Target<'_>) -> Result<EntryId> {
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(transaction.as_mut(), &collection, target).await?;
        drop(transaction);
        authorise(caller, &entry)?;
        let mut session = self.session(caller);
        session.before_delete(&collection.name, &entry.id).await?;
        let mut work = self.begin(caller).await?;
        let mut entry = reload(work.transaction.as_mut(), &collection, &entry.id).await?;
        authorise(caller, &entry)?;
        entry.deleted_at = Some(work.now);
        work.store(&collection, &entry).await?;
        work.index(&collection, &entry).await?;
        work.audit("delete", &entry).await?;
        let id = entry.id.clone();
        let item = view::full(work.transaction.as_mut(), &collection, entry, Detail::Row).await?;
        work.announce(ContentHook::AfterDelete { permanent: false }, &item).await?;
        work.finish(session).await?;
        Ok(id)
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
