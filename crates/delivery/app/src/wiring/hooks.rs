//! `content::Hooks` over the plugin host.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use emdash_content::{ContentEvent, ContentHook, DeferredEvent, HookSession, Hooks};
use emdash_manifest::Hook;
use emdash_plugins::{BeforeDelete, BeforeSave, PluginHost};
use emdash_store::SiteStore;
use emdash_types::{CollectionName, EntryId, Error, JobId, JsonMap, PluginId, Result};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

/// What the hooks of a site need. The host is set once, right after it was made: it needs content in turn.
#[derive(Clone)]
pub(crate) struct PluginHooks {
    pub(crate) host: Arc<OnceLock<PluginHost>>,
    pub(crate) store: Arc<dyn SiteStore>,
    /// Deferred work under way, waited for when the server stops.
    pub(crate) tasks: TaskTracker,
}

struct Session {
    plugins: Option<emdash_plugins::HookSession>,
    hooks: PluginHooks,
}

#[async_trait]
impl Hooks for PluginHooks {
    fn listens(&self, hook: ContentHook, causes: &[PluginId]) -> bool {
        self.host.get().is_some_and(|host| host.listens_besides(hook_of(hook), causes))
    }

    fn begin(&self, causes: &[PluginId]) -> Box<dyn HookSession> {
        let plugins = self.host.get().map(|host| host.session_caused_by(causes));
        Box::new(Session { plugins, hooks: self.clone() })
    }

    async fn run_deferred(&self, event: &ContentEvent) -> Result<()> {
        let Some(host) = self.host.get() else { return Ok(()) };
        let mut session = host.session_caused_by(&event.causes);
        let failed = session.deferred(hook_of(event.hook), &payload(event)).await;
        if failed == 0 { Ok(()) } else { Err(Error::internal(format!("{failed} plugins failed"))) }
    }
}

#[async_trait]
impl HookSession for Session {
    async fn before_save(
        &mut self,
        collection: &CollectionName,
        id: Option<&EntryId>,
        content: JsonMap,
    ) -> Result<JsonMap> {
        match &mut self.plugins {
            None => Ok(content),
            Some(plugins) => {
                plugins
                    .before_save(BeforeSave { collection: collection.clone(), id: id.cloned(), content })
                    .await
            }
        }
    }

    async fn before_delete(&mut self, collection: &CollectionName, id: &EntryId) -> Result<()> {
        match &mut self.plugins {
            None => Ok(()),
            Some(plugins) => {
                plugins.before_delete(&BeforeDelete { collection: collection.clone(), id: id.clone() }).await
            }
        }
    }

    fn after(self: Box<Self>, events: Vec<DeferredEvent>) {
        if events.is_empty() {
            return;
        }
        let tasks = self.hooks.tasks.clone();
        tasks.spawn(self.deliver(events));
    }
}

impl Session {
    /// Delivers in the instances of this request, then takes each event's job out of the queue. A plugin that
    /// failed has its failure in its log and counters; the event is not delivered again to the others.
    async fn deliver(mut self: Box<Self>, events: Vec<DeferredEvent>) {
        for DeferredEvent { job, event } in events {
            if let Some(plugins) = &mut self.plugins {
                plugins.deferred(hook_of(event.hook), &payload(&event)).await;
            }
            if let Err(error) = finish(self.hooks.store.as_ref(), &job).await {
                tracing::error!(job.id = %job, error = %error, "a delivered event stays in the queue");
            }
        }
    }
}

async fn finish(store: &dyn SiteStore, job: &JobId) -> Result<()> {
    let mut transaction = store.write().await?;
    transaction.job_finish(job).await?;
    transaction.commit().await
}

fn hook_of(hook: ContentHook) -> Hook {
    match hook {
        ContentHook::AfterSave { .. } => Hook::ContentAfterSave,
        ContentHook::AfterDelete { .. } => Hook::ContentAfterDelete,
        ContentHook::AfterPublish => Hook::ContentAfterPublish,
        ContentHook::AfterUnpublish => Hook::ContentAfterUnpublish,
        ContentHook::AfterRestore => Hook::ContentAfterRestore,
        ContentHook::AfterSchedule => Hook::ContentAfterSchedule,
        ContentHook::AfterUnschedule => Hook::ContentAfterUnschedule,
    }
}

/// The event as plugins get it (plugin contract §4.2).
fn payload(event: &ContentEvent) -> Value {
    let collection = &event.collection;
    match event.hook {
        ContentHook::AfterSave { is_new } => {
            json!({"content": event.content, "collection": collection, "isNew": is_new})
        }
        ContentHook::AfterDelete { permanent } => {
            json!({"id": event.id, "collection": collection, "permanent": permanent})
        }
        _ => json!({"content": event.content, "collection": collection}),
    }
}
