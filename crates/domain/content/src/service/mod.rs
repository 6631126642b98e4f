//! The content of one site: authorises, runs hooks, validates, writes.

use std::sync::Arc;

use emdash_store::SiteStore;
use emdash_store::content::Collection;
use emdash_types::{
    Ambient, Caller, EntryId, Error, ErrorCode, Page, PageRequest, Result, RevisionId, TermId, Timestamp,
};

use crate::{
    Comparison, ContentItem, ContentPatch, EntryTerms, Generation, Hooks, ItemList, ListQuery, NewContent,
    RevisedItem, RevisionItem, RevisionList, Target,
};

/// What a sweep of the schedule did.
#[derive(Debug, Default)]
pub struct Sweep {
    /// Published entries.
    pub published: Vec<EntryId>,
    /// Entries that are due and could not be published, and why; the next sweep tries again.
    pub failed: Vec<(EntryId, Error)>,
}

/// Content of one site. Clones share everything.
#[derive(Clone)]
pub struct ContentService {
    #[expect(dead_code, reason = "read by the next commit")]
    inner: Arc<Inner>,
}

#[expect(dead_code, reason = "read by the next commit")]
struct Inner {
    store: Arc<dyn SiteStore>,
    hooks: Arc<dyn Hooks>,
    ambient: Ambient,
}

fn soon<T>() -> Result<T> {
    Err(Error::new(ErrorCode::NotImplemented, "The server does not have this yet."))
}

#[expect(clippy::unused_async, unused_variables, missing_docs, clippy::missing_errors_doc, reason = "signatures first")]
impl ContentService {
    pub fn new(store: Arc<dyn SiteStore>, hooks: Arc<dyn Hooks>, ambient: Ambient) -> Self {
        Self { inner: Arc::new(Inner { store, hooks, ambient }) }
    }
    pub fn generation(&self) -> Generation {
        Generation::default()
    }
    /// After a schema change elsewhere.
    pub fn forget_collections(&self) {}
    pub async fn collections(&self, caller: &Caller) -> Result<Vec<Arc<Collection>>> {
        soon()
    }
    pub async fn collection(&self, name: &str) -> Result<Arc<Collection>> {
        soon()
    }
    pub async fn list(&self, caller: &Caller, collection: &str, query: &ListQuery) -> Result<ItemList> {
        soon()
    }
    pub async fn trash(&self, caller: &Caller, collection: &str, page: &PageRequest) -> Result<Page<ContentItem>> {
        soon()
    }
    pub async fn get(&self, caller: &Caller, target: Target<'_>) -> Result<RevisedItem> {
        soon()
    }
    pub async fn create(&self, caller: &Caller, collection: &str, new: NewContent) -> Result<RevisedItem> {
        soon()
    }
    pub async fn update(&self, caller: &Caller, target: Target<'_>, patch: ContentPatch) -> Result<RevisedItem> {
        soon()
    }
    pub async fn duplicate(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        soon()
    }
    pub async fn publish(
        &self,
        caller: &Caller,
        target: Target<'_>,
        published_at: Option<Timestamp>,
    ) -> Result<ContentItem> {
        soon()
    }
    pub async fn unpublish(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        soon()
    }
    pub async fn schedule(&self, caller: &Caller, target: Target<'_>, at: Timestamp) -> Result<ContentItem> {
        soon()
    }
    pub async fn unschedule(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        soon()
    }
    /// Publishes what is due; for the job runner.
    pub async fn publish_due(&self) -> Result<Sweep> {
        soon()
    }
    /// When the next scheduled publication is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        soon()
    }
    pub async fn discard_draft(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        soon()
    }
    pub async fn compare(&self, caller: &Caller, target: Target<'_>) -> Result<Comparison> {
        soon()
    }
    pub async fn revisions(&self, caller: &Caller, target: Target<'_>, limit: u32) -> Result<RevisionList> {
        soon()
    }
    pub async fn revision(&self, caller: &Caller, id: &RevisionId) -> Result<RevisionItem> {
        soon()
    }
    pub async fn revision_restore(&self, caller: &Caller, id: &RevisionId) -> Result<ContentItem> {
        soon()
    }
    /// Into the trash.
    pub async fn delete(&self, caller: &Caller, target: Target<'_>) -> Result<EntryId> {
        soon()
    }
    /// Out of the trash.
    pub async fn restore(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        soon()
    }
    pub async fn delete_permanent(&self, caller: &Caller, target: Target<'_>) -> Result<EntryId> {
        soon()
    }
    pub async fn terms(&self, caller: &Caller, target: Target<'_>, taxonomy: &str) -> Result<EntryTerms> {
        soon()
    }
    pub async fn terms_set(
        &self,
        caller: &Caller,
        target: Target<'_>,
        taxonomy: &str,
        terms: &[TermId],
    ) -> Result<EntryTerms> {
        soon()
    }
}
