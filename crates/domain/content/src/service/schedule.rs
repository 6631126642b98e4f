//! Scheduled publication: the sweep.

use emdash_store::content::{Collection, EntryFilter, EntryOrder, OrderBy};
use emdash_types::{Caller, EntryId, Error, PageRequest, Result, Timestamp};

use super::ContentService;
use crate::hooks::ContentHook;

/// Entries read at a time.
const BATCH: u32 = 100;

/// What a sweep of the schedule did.
#[derive(Debug, Default)]
pub struct Sweep {
    /// Published entries.
    pub published: Vec<EntryId>,
    /// Entries that are due and could not be published, and why; the next sweep tries again.
    pub failed: Vec<(EntryId, Error)>,
}

impl ContentService {
    /// Publishes every entry that is due, each in its own transaction: one that fails holds up no other.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn publish_due(&self) -> Result<Sweep> {
        let now = self.ambient.now();
        let mut sweep = Sweep::default();
        for collection in self.all_collections().await?.iter() {
            for id in self.due(collection, now).await? {
                match self.publish_if_due(collection, &id, now).await {
                    Ok(true) => sweep.published.push(id),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(collection = %collection.name, entry = %id, %error, "scheduled publication failed");
                        sweep.failed.push((id, error));
                    }
                }
            }
        }
        Ok(sweep)
    }

    /// When the next scheduled publication is due; in the past where one failed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        let mut transaction = self.store.read().await?;
        let mut next: Option<Timestamp> = None;
        for collection in self.all_collections().await?.iter() {
            let filter = due_at(Timestamp::from_millis(FAR));
            let page =
                transaction.entry_list(collection, &filter, &soonest(), &PageRequest::first(1)).await?;
            let at = page.items.first().and_then(|entry| entry.scheduled_at);
            next = [next, at].into_iter().flatten().min();
        }
        Ok(next)
    }

    async fn due(&self, collection: &Collection, now: Timestamp) -> Result<Vec<EntryId>> {
        let mut transaction = self.store.read().await?;
        let (filter, mut page, mut ids) = (due_at(now), PageRequest::first(BATCH), Vec::new());
        loop {
            let found = transaction.entry_list(collection, &filter, &soonest(), &page).await?;
            ids.extend(found.items.into_iter().map(|entry| entry.id));
            match found.next {
                Some(next) => page.cursor = Some(next),
                None => return Ok(ids),
            }
        }
    }

    /// Publishes unless somebody unscheduled, trashed or published it meanwhile.
    async fn publish_if_due(&self, collection: &Collection, id: &EntryId, now: Timestamp) -> Result<bool> {
        let mut work = self.begin(&Caller::System).await?;
        let entry = work.transaction.entry_lookup(collection, id, false).await?;
        let Some(entry) = entry.filter(|entry| entry.scheduled_at.is_some_and(|at| at <= now)) else {
            return Ok(false);
        };
        let entry = work.publish(collection, entry, None).await?;
        work.conclude(collection, entry, "publish", ContentHook::AfterPublish).await?;
        Ok(true)
    }
}

/// Later than anything that is scheduled: 1 January 9999.
const FAR: i64 = 253_370_764_800_000;

fn due_at(at: Timestamp) -> EntryFilter {
    EntryFilter { due_at: Some(at), ..EntryFilter::default() }
}

fn soonest() -> EntryOrder {
    EntryOrder { by: OrderBy::ScheduledAt, descending: false }
}
