//! A seeded site, callers of every role, and hooks that do what a test tells them.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_content::seed::{SiteSeed, seed_default};
use emdash_content::{
    ContentEvent, ContentHook, ContentService, DeferredEvent, HookSession, Hooks, NewContent, NoHooks, Target,
};
use emdash_store::SiteStore;
use emdash_store::content::Collection;
use emdash_store::identity::User;
use emdash_store_sqlite::SqliteSiteStore;
use emdash_types::testing::{ManualClock, ambient};
use emdash_types::{
    Ambient, Caller, CollectionName, EntryId, JsonMap, PluginId, Result, Role, UserCaller, UserId,
};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// A site in a temporary directory.
pub struct Site {
    pub content: ContentService,
    pub store: Arc<dyn SiteStore>,
    pub ambient: Ambient,
    pub clock: Arc<ManualClock>,
    _directory: tempfile::TempDir,
}

/// Posts without drafts: changes are live at once.
pub const PLAIN: &str = "notes";

impl Site {
    pub async fn new() -> Self {
        Self::with_hooks(Arc::new(NoHooks)).await
    }

    pub async fn with_hooks(hooks: Arc<dyn Hooks>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store: Arc<dyn SiteStore> = SqliteSiteStore::open(&directory.path().join("site.db")).unwrap();
        let (ambient, clock) = ambient(7);
        let seed = SiteSeed {
            title: "Site".to_owned(),
            tagline: "About".to_owned(),
            url: "https://site.example/".to_owned(),
        };
        seed_default(&store, &ambient, &seed).await.unwrap();
        add_plain_collection(&store, &ambient).await;
        add_users(&store, &ambient).await;
        let content = ContentService::new(Arc::clone(&store), hooks, ambient.clone());
        Self { content, store, ambient, clock, _directory: directory }
    }

    /// A new draft by the administrator; its id.
    pub async fn draft(&self, collection: &str, title: &str) -> String {
        let new = NewContent { data: fields(json!({"title": title})), ..NewContent::default() };
        self.content.create(&admin(), collection, new).await.unwrap().item.id.to_string()
    }

    /// A new published entry by the administrator; its id.
    pub async fn published(&self, collection: &str, title: &str) -> String {
        let id = self.draft(collection, title).await;
        self.content.publish(&admin(), Target::new(collection, &id), None).await.unwrap();
        id
    }

    /// Ids the search finds.
    pub async fn found(&self, words: &str) -> Vec<String> {
        let mut transaction = self.store.read().await.unwrap();
        let hits = transaction.search_query(words, None, 0, 50).await.unwrap();
        hits.into_iter().map(|hit| hit.entry_id.to_string()).collect()
    }
}

async fn add_plain_collection(store: &Arc<dyn SiteStore>, ambient: &Ambient) {
    let mut transaction = store.write().await.unwrap();
    let all = transaction.collection_list().await.unwrap();
    let posts = all.into_iter().find(|collection| collection.name.as_str() == "posts").unwrap();
    let mut plain = Collection {
        id: ambient.ulid(),
        name: CollectionName::parse(PLAIN).unwrap(),
        url_pattern: None,
        ..posts
    };
    plain.supports.retain(|ability| ability != "revisions");
    for field in &mut plain.fields {
        field.id = ambient.ulid();
    }
    transaction.collection_add(&plain).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn add_users(store: &Arc<dyn SiteStore>, ambient: &Ambient) {
    let mut transaction = store.write().await.unwrap();
    for role in Role::ALL {
        let user = User {
            id: user_id(role),
            email: format!("{}@site.example", role.level()),
            name: None,
            role,
            disabled: false,
            created_at: ambient.now(),
        };
        transaction.user_add(&user).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

pub fn user_id(role: Role) -> UserId {
    UserId::from(format!("user{}", role.level()))
}

pub fn caller(role: Role) -> Caller {
    Caller::User(UserCaller { id: user_id(role), role, scopes: None })
}

pub fn admin() -> Caller {
    caller(Role::Admin)
}

pub fn fields(value: Value) -> JsonMap {
    value.as_object().unwrap().clone()
}

type Transform = dyn Fn(JsonMap, bool) -> Result<JsonMap> + Send + Sync;

/// Hooks that transform or refuse as told, and keep what they saw.
#[derive(Clone)]
pub struct Script {
    transform: Arc<Transform>,
    forbid_delete: bool,
    /// The plugins behind each request.
    pub begun: Arc<Mutex<Vec<Vec<PluginId>>>>,
    pub saves: Arc<Mutex<Vec<JsonMap>>>,
    pub events: Arc<Mutex<Vec<DeferredEvent>>>,
}

impl Script {
    pub fn new(transform: impl Fn(JsonMap, bool) -> Result<JsonMap> + Send + Sync + 'static) -> Self {
        Self {
            transform: Arc::new(transform),
            forbid_delete: false,
            begun: Arc::default(),
            saves: Arc::default(),
            events: Arc::default(),
        }
    }

    pub fn silent() -> Self {
        Self::new(|content, _| Ok(content))
    }

    pub fn forbidding_deletion() -> Self {
        Self { forbid_delete: true, ..Self::silent() }
    }

    pub fn seen(&self) -> Vec<ContentHook> {
        self.events.lock().iter().map(|event| event.event.hook).collect()
    }
}

#[async_trait]
impl Hooks for Script {
    fn listens(&self, _hook: ContentHook, _causes: &[PluginId]) -> bool {
        true
    }

    fn begin(&self, causes: &[PluginId]) -> Box<dyn HookSession> {
        self.begun.lock().push(causes.to_vec());
        Box::new(self.clone())
    }

    async fn run_deferred(&self, _event: &ContentEvent) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl HookSession for Script {
    async fn before_save(
        &mut self,
        _collection: &CollectionName,
        id: Option<&EntryId>,
        content: JsonMap,
    ) -> Result<JsonMap> {
        self.saves.lock().push(content.clone());
        (self.transform)(content, id.is_none())
    }

    async fn before_delete(&mut self, _collection: &CollectionName, _id: &EntryId) -> Result<()> {
        if self.forbid_delete {
            let message = "Delete blocked by sandboxed plugin hook";
            return Err(emdash_types::Error::new(emdash_types::ErrorCode::DeleteBlocked, message));
        }
        Ok(())
    }

    fn after(self: Box<Self>, events: Vec<DeferredEvent>) {
        self.events.lock().extend(events);
    }
}
