//! What this crate asks of whoever listens to content: the plugins, in the composed program.

use async_trait::async_trait;
use emdash_types::{CollectionName, EntryId, JobId, JsonMap, PluginId, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Kind of the queue's job that carries a [`ContentEvent`].
pub const EVENT_JOB: &str = "content.event";

/// Something that happened to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ContentHook {
    /// Its values, slug, terms, credits or SEO data were stored.
    AfterSave {
        /// Whether it did not exist before.
        is_new: bool,
    },
    /// It was put into the trash or removed.
    AfterDelete {
        /// Whether it is gone for good.
        permanent: bool,
    },
    /// It became public, or its staged changes did.
    AfterPublish,
    /// It is not public any more.
    AfterUnpublish,
    /// It came back from the trash.
    AfterRestore,
    /// Its publication was scheduled.
    AfterSchedule,
    /// Its publication was unscheduled.
    AfterUnschedule,
}

/// An event as the queue keeps it: delivered at least once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContentEvent {
    /// What happened.
    pub hook: ContentHook,
    /// Where.
    pub collection: CollectionName,
    /// To which entry.
    pub id: EntryId,
    /// The whole item after it happened ([`crate::ContentItem`] as JSON).
    pub content: Value,
    /// The plugins whose writes led to it; none of them is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<PluginId>,
}

/// An event and the job that stands for it until it has been delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct DeferredEvent {
    /// The job, claimed by this process; whoever delivers the event finishes it.
    pub job: JobId,
    /// The event.
    pub event: ContentEvent,
}

/// The listeners of a site.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// Whether anybody but `causes` listens to this event. Where nobody does, nothing is enqueued.
    fn listens(&self, hook: ContentHook, causes: &[PluginId]) -> bool;

    /// Begins one request: the hooks of one save share plugin instances (ruling 13). The plugins behind the request,
    /// `causes`, are not called. Must be cheap.
    fn begin(&self, causes: &[PluginId]) -> Box<dyn HookSession>;

    /// Delivers one event from the queue with fresh instances, after a crash or a failed attempt.
    ///
    /// # Errors
    /// When it was not delivered; the queue tries again.
    async fn run_deferred(&self, event: &ContentEvent) -> Result<()>;
}

/// The hooks of one request.
#[async_trait]
pub trait HookSession: Send {
    /// Lets every listener change the field map that is to be stored; on an update it holds the sent fields only,
    /// and `id` names the entry.
    ///
    /// # Errors
    /// `SAVE_REJECTED` and the plugin error codes: the save is abandoned (A16).
    async fn before_save(
        &mut self,
        collection: &CollectionName,
        id: Option<&EntryId>,
        content: JsonMap,
    ) -> Result<JsonMap>;

    /// Asks every listener whether the entry may be put into the trash.
    ///
    /// # Errors
    /// `DELETE_BLOCKED` and the plugin error codes: nothing is deleted.
    async fn before_delete(&mut self, collection: &CollectionName, id: &EntryId) -> Result<()>;

    /// Delivers events after the response, in the same instances, and finishes each event's job when done.
    fn after(self: Box<Self>, events: Vec<DeferredEvent>);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

#[async_trait]
impl Hooks for NoHooks {
    fn listens(&self, _hook: ContentHook, _causes: &[PluginId]) -> bool {
        false
    }

    fn begin(&self, _causes: &[PluginId]) -> Box<dyn HookSession> {
        Box::new(Self)
    }

    async fn run_deferred(&self, _event: &ContentEvent) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl HookSession for NoHooks {
    async fn before_save(
        &mut self,
        _collection: &CollectionName,
        _id: Option<&EntryId>,
        content: JsonMap,
    ) -> Result<JsonMap> {
        Ok(content)
    }

    async fn before_delete(&mut self, _collection: &CollectionName, _id: &EntryId) -> Result<()> {
        Ok(())
    }

    fn after(self: Box<Self>, _events: Vec<DeferredEvent>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_survives_the_queue() {
        let event = ContentEvent {
            hook: ContentHook::AfterSave { is_new: true },
            collection: CollectionName::parse("posts").unwrap(),
            id: "01M7".into(),
            content: serde_json::json!({"id": "01M7"}),
            causes: Vec::new(),
        };
        let text = serde_json::to_string(&event).unwrap();
        assert!(
            text.starts_with(r#"{"hook":{"name":"afterSave","isNew":true},"collection":"posts""#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<ContentEvent>(&text).unwrap(), event);
    }
}
