//! One change of content: a write transaction and everything that belongs to it.

use emdash_store::SiteTransaction;
use emdash_store::content::{Collection, Entry, SearchDocument};
use emdash_store::operations::{AuditRecord, Job, JobStatus};
use emdash_types::{Caller, Error, Result, Timestamp};
use serde_json::json;

use super::ContentService;
use crate::hooks::{ContentEvent, ContentHook, DeferredEvent, EVENT_JOB, HookSession};
use crate::{ContentItem, search};

/// How long this process may take to deliver an event before another takes over.
const EVENT_LEASE_MILLIS: i64 = 60_000;
/// Deliveries tried at the most.
const EVENT_ATTEMPTS: u32 = 5;

/// A write transaction with the events it causes. Dropping it undoes everything.
pub(super) struct Work<'a> {
    pub(super) service: &'a ContentService,
    pub(super) caller: &'a Caller,
    pub(super) now: Timestamp,
    pub(super) transaction: Box<dyn SiteTransaction>,
    events: Vec<DeferredEvent>,
}

impl ContentService {
    /// Opens a change. Hooks that may refuse it have run before: no outside call happens while it is open.
    pub(super) async fn begin<'a>(&'a self, caller: &'a Caller) -> Result<Work<'a>> {
        let transaction = self.store.write().await?;
        Ok(Work { service: self, caller, now: self.ambient.now(), transaction, events: Vec::new() })
    }

    /// The hooks of one request of this caller.
    pub(super) fn session(&self, caller: &Caller) -> Box<dyn HookSession> {
        self.hooks.begin(&caller.causes())
    }
}

impl Work<'_> {
    /// Records who did what to an entry.
    pub(super) async fn audit(&mut self, action: &str, entry: &Entry) -> Result<()> {
        let actor = match self.caller {
            Caller::User(user) => format!("user:{}", user.id),
            Caller::Plugin(plugin) => format!("plugin:{}", plugin.id),
            Caller::System => "system".to_owned(),
            Caller::Anonymous => "anonymous".to_owned(),
        };
        let record = AuditRecord {
            id: self.service.ambient.id(),
            at: self.now,
            actor,
            action: format!("content.{action}"),
            resource: format!("{}/{}", entry.collection, entry.id),
            details: json!({"slug": entry.slug, "status": entry.status, "version": entry.version}),
        };
        self.transaction.audit_add(&record).await
    }

    /// Enqueues an event where somebody listens, already claimed by this process: a crash between commit and
    /// delivery leaves it to the queue.
    pub(super) async fn announce(&mut self, hook: ContentHook, item: &ContentItem) -> Result<()> {
        let causes = self.caller.causes();
        if !self.service.hooks.listens(hook, &causes) {
            return Ok(());
        }
        let event = ContentEvent {
            hook,
            collection: item.collection.clone(),
            id: item.id.clone(),
            content: serde_json::to_value(item).map_err(Error::internal)?,
            causes,
        };
        let job = Job {
            id: self.service.ambient.id(),
            kind: EVENT_JOB.to_owned(),
            payload: serde_json::to_value(&event).map_err(Error::internal)?,
            dedupe_key: None,
            status: JobStatus::Running,
            attempts: 1,
            max_attempts: EVENT_ATTEMPTS,
            run_at: self.now,
            lease_until: Some(self.now.plus_millis(EVENT_LEASE_MILLIS)),
            last_error: None,
            created_at: self.now,
        };
        self.transaction.job_add(&job).await?;
        self.events.push(DeferredEvent { job: job.id, event });
        Ok(())
    }

    /// Brings the search index in line with an entry.
    pub(super) async fn index(&mut self, collection: &Collection, entry: &Entry) -> Result<()> {
        let document: Option<SearchDocument> = search::document(collection, entry);
        match document {
            Some(document) => self.transaction.search_index(&document).await,
            None => self.transaction.search_remove(&collection.name, &entry.id).await,
        }
    }

    /// Makes everything durable, then hands the events to the listeners.
    pub(super) async fn finish(self, session: Box<dyn HookSession>) -> Result<()> {
        self.transaction.commit().await?;
        self.service.generation.advance();
        if !self.events.is_empty() {
            session.after(self.events);
        }
        Ok(())
    }
}
