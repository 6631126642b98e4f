//! From draft to public and back (CMS contract §3.14).

use emdash_store::content::{Collection, Entry, EntryStatus};
use emdash_types::{Caller, Error, ErrorCode, Permission, Result, Timestamp};

use super::view::{self, Detail};
use super::work::Work;
use super::{ContentService, resolve};
use crate::hooks::ContentHook;
use crate::{ContentItem, Target, fields};

impl ContentService {
    /// Makes an entry public with its staged values, or publishes what is staged on a public one.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for an entry without slug in a collection with public pages; `SLUG_CONFLICT` for a staged
    /// slug that was taken meanwhile.
    pub async fn publish(
        &self,
        caller: &Caller,
        target: Target<'_>,
        published_at: Option<Timestamp>,
    ) -> Result<ContentItem> {
        if published_at.is_some() {
            caller.require(Permission::ContentPublishAny)?;
        }
        let (collection, mut work, entry) = self.open_for_publishing(caller, target).await?;
        let entry = work.publish(&collection, entry, published_at).await?;
        work.conclude(&collection, entry, "publish", ContentHook::AfterPublish).await
    }

    /// Takes an entry back; what was public becomes its draft.
    ///
    /// # Errors
    /// `INVALID_STATE` when it is not published.
    pub async fn unpublish(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        let (collection, mut work, entry) = self.open_for_publishing(caller, target).await?;
        if entry.status != EntryStatus::Published {
            return Err(Error::new(
                ErrorCode::InvalidState,
                format!("Only a published entry can be unpublished; this one is {}.", entry.status.as_str()),
            ));
        }
        let entry = work.unpublish(&collection, entry).await?;
        work.conclude(&collection, entry, "unpublish", ContentHook::AfterUnpublish).await
    }

    /// Sets the instant at which an entry, or what is staged on a public one, is published.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for an instant that is not in the future or an entry without slug.
    pub async fn schedule(&self, caller: &Caller, target: Target<'_>, at: Timestamp) -> Result<ContentItem> {
        if at <= self.ambient.now() {
            return Err(Error::field("scheduledAt", format!("{at} is not in the future")));
        }
        let (collection, mut work, mut entry) = self.open_for_publishing(caller, target).await?;
        let staged = work.draft(&entry).await?;
        let slug = staged.as_ref().and_then(fields::staged_slug).or(entry.slug.as_deref());
        check_publishable(&collection, slug)?;
        if entry.status == EntryStatus::Draft {
            entry.status = EntryStatus::Scheduled;
        }
        entry.scheduled_at = Some(at);
        entry.updated_at = work.now;
        work.store(&collection, &entry).await?;
        work.conclude(&collection, entry, "schedule", ContentHook::AfterSchedule).await
    }

    /// Withdraws a scheduled publication; without one nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND`, or the caller may not publish it.
    pub async fn unschedule(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        let (collection, mut work, entry) = self.open_for_publishing(caller, target).await?;
        if entry.scheduled_at.is_none() {
            return view::full(work.transaction.as_mut(), &collection, entry, Detail::Row).await;
        }
        let entry = work.unschedule(&collection, entry).await?;
        work.conclude(&collection, entry, "unschedule", ContentHook::AfterUnschedule).await
    }

    async fn open_for_publishing<'a>(
        &'a self,
        caller: &'a Caller,
        target: Target<'_>,
    ) -> Result<(std::sync::Arc<Collection>, Work<'a>, Entry)> {
        let collection = self.collection(target.collection).await?;
        let mut work = self.begin(caller).await?;
        let entry = resolve(caller, work.transaction.as_mut(), &collection, target).await?;
        caller.require_owned(
            entry.author_id.as_ref(),
            Permission::ContentPublishOwn,
            Permission::ContentPublishAny,
        )?;
        Ok((collection, work, entry))
    }
}

impl Work<'_> {
    /// Promotes the draft, or the live revision, or the live row, and makes the entry public.
    pub(super) async fn publish(
        &mut self,
        collection: &Collection,
        mut entry: Entry,
        published_at: Option<Timestamp>,
    ) -> Result<Entry> {
        let changes = entry.status != EntryStatus::Published || entry.draft_revision_id.is_some();
        if collection.supports("revisions") {
            self.promote(collection, &mut entry).await?;
        } else if entry.live_revision_id.is_none() {
            let live = self.add_revision(&entry, entry.data.clone(), None).await?;
            entry.live_revision_id = Some(live.id);
        }
        check_publishable(collection, entry.slug.as_deref())?;
        entry.status = EntryStatus::Published;
        entry.published_at = published_at.or(entry.published_at).or(Some(self.now));
        entry.scheduled_at = None;
        if changes {
            entry.updated_at = self.now;
        }
        self.store(collection, &entry).await?;
        self.prune(&entry).await?;
        Ok(entry)
    }

    async fn unpublish(&mut self, collection: &Collection, mut entry: Entry) -> Result<Entry> {
        if collection.supports("revisions") && entry.draft_revision_id.is_none() {
            let author = self.caller.user_id().cloned();
            let copy = self.add_revision(&entry, entry.data.clone(), author).await?;
            entry.draft_revision_id = Some(copy.id);
        }
        entry.status = EntryStatus::Draft;
        entry.published_at = None;
        // A publication date of staged changes makes no sense without a public page.
        entry.scheduled_at = None;
        if collection.supports("revisions") {
            entry.live_revision_id = None;
        }
        entry.updated_at = self.now;
        self.store(collection, &entry).await?;
        Ok(entry)
    }

    async fn unschedule(&mut self, collection: &Collection, mut entry: Entry) -> Result<Entry> {
        if entry.status == EntryStatus::Scheduled {
            entry.status = EntryStatus::Draft;
        }
        entry.scheduled_at = None;
        entry.updated_at = self.now;
        self.store(collection, &entry).await?;
        Ok(entry)
    }

    /// Takes an entry to the status a save asks for, with everything that belongs to the step; `None` where it has it.
    pub(super) async fn reach(
        &mut self,
        collection: &Collection,
        entry: Entry,
        wanted: Option<EntryStatus>,
    ) -> Result<Option<Entry>> {
        let Some(wanted) = wanted.filter(|wanted| *wanted != entry.status) else { return Ok(None) };
        let (entry, action, hook) = match (wanted, entry.status) {
            (EntryStatus::Published, _) => {
                (self.publish(collection, entry, None).await?, "publish", ContentHook::AfterPublish)
            }
            (EntryStatus::Draft, EntryStatus::Published) => {
                (self.unpublish(collection, entry).await?, "unpublish", ContentHook::AfterUnpublish)
            }
            (EntryStatus::Draft, _) => {
                (self.unschedule(collection, entry).await?, "unschedule", ContentHook::AfterUnschedule)
            }
            (EntryStatus::Scheduled, _) => {
                return Err(Error::field("status", "\"scheduled\" needs an instant and cannot be saved"));
            }
        };
        self.record(collection, entry.clone(), action, hook).await?;
        Ok(Some(entry))
    }

    async fn promote(&mut self, collection: &Collection, entry: &mut Entry) -> Result<()> {
        let mut revision = None;
        for id in [entry.draft_revision_id.clone(), entry.live_revision_id.clone()].into_iter().flatten() {
            revision = self.transaction.revision_lookup(&id).await?;
            if revision.is_some() {
                break;
            }
        }
        let revision = match revision {
            Some(revision) => revision,
            None => self.add_revision(entry, entry.data.clone(), None).await?,
        };
        entry.data = fields::known(collection, &revision.data);
        if let Some(slug) = fields::staged_slug(&revision.data) {
            entry.slug = Some(slug.to_owned());
        }
        entry.live_revision_id = Some(revision.id);
        entry.draft_revision_id = None;
        Ok(())
    }

    /// The staged values of an entry.
    pub(super) async fn draft(&mut self, entry: &Entry) -> Result<Option<emdash_types::JsonMap>> {
        let Some(id) = &entry.draft_revision_id else { return Ok(None) };
        Ok(self.transaction.revision_lookup(id).await?.map(|revision| revision.data))
    }

    /// Writes an entry whose values the client's lock does not cover: status, pointers, dates.
    pub(super) async fn store(&mut self, collection: &Collection, entry: &Entry) -> Result<()> {
        self.transaction.entry_update(collection, entry, entry.version).await
    }

    /// The end of a step of an entry's life of its own; answers the item.
    pub(super) async fn conclude(
        mut self,
        collection: &Collection,
        entry: Entry,
        action: &str,
        hook: ContentHook,
    ) -> Result<ContentItem> {
        let item = self.record(collection, entry, action, hook).await?;
        let session = self.service.session(self.caller);
        self.finish(session).await?;
        Ok(item)
    }

    /// What belongs to every step of an entry's life: index, audit, event; answers the item.
    async fn record(
        &mut self,
        collection: &Collection,
        entry: Entry,
        action: &str,
        hook: ContentHook,
    ) -> Result<ContentItem> {
        self.index(collection, &entry).await?;
        self.audit(action, &entry).await?;
        let item = view::full(self.transaction.as_mut(), collection, entry, Detail::Row).await?;
        self.announce(hook, &item).await?;
        Ok(item)
    }
}

pub(super) fn check_publishable(collection: &Collection, slug: Option<&str>) -> Result<()> {
    if !collection.routable || slug.is_some_and(|slug| !slug.is_empty()) {
        return Ok(());
    }
    Err(Error::field(
        "slug",
        format!("an entry of '{}' needs a slug to be published: give it one or a title", collection.name),
    ))
}
