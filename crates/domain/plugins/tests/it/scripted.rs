//! A sandbox whose plugins are Rust closures, a network of canned answers, and content in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use emdash_plugins::{
    ContentAccess, ContentCreation, ContentPage, ContentQuery, RouteUser, SiteFacts, SiteInfo, UserDirectory,
    UserPage,
};
use emdash_ports::outbound::{EgressPolicy, GuardedHttp, OutboundRequest, OutboundResponse};
use emdash_ports::runtime::{
    EntryHook, EntryRoute, EntryShape, GuestCall, GuestContext, GuestException, GuestOutcome, GuestReport,
    GuestResponse, GuestStop, GuestUsage, HostCall, HostCallProgress, HostCalls, InstanceLimits, PluginImage,
    PluginInstance, PluginRuntime, PluginSource,
};
use emdash_types::{CollectionName, Error, ErrorCode, JsonMap, PluginCaller, Result};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Mutex;

/// How a scripted handler ends.
pub enum End {
    Value(Value),
    Undefined,
    Throw(GuestException),
    Respond(GuestResponse),
    Stop(GuestStop),
}

pub fn throw(message: &str) -> End {
    End::Throw(GuestException { name: "Error".into(), message: message.into(), ..GuestException::default() })
}

pub type Handler = Arc<dyn Fn(Guest, Value) -> BoxFuture<'static, End> + Send + Sync>;

/// What a handler works with: `ctx`, and the variables of its module.
#[derive(Clone)]
pub struct Guest {
    pub host: Arc<dyn HostCalls>,
    pub context: GuestContext,
    pub module: Arc<Mutex<HashMap<String, Value>>>,
    pub wall: Duration,
}

impl Guest {
    /// Awaits a host call.
    pub async fn ask(&self, name: &str, arguments: Value) -> Result<Value, Error> {
        let answer = match self.start(name, arguments) {
            HostCallProgress::Ready(answer) => answer,
            HostCallProgress::Pending(answer) => answer.await,
        };
        answer.map(|json| serde_json::from_str(&json).unwrap())
    }

    /// Starts a host call.
    pub fn start(&self, name: &str, arguments: Value) -> HostCallProgress {
        self.host.start(HostCall { name: name.into(), arguments: arguments.to_string() })
    }
}

/// A plugin's module.
#[derive(Clone, Default)]
pub struct Script {
    pub shape: EntryShape,
    pub handlers: HashMap<String, Handler>,
    /// Wall-clock time each call takes, without taking it.
    pub takes: Duration,
    /// Why evaluating it fails.
    pub broken: Option<String>,
}

impl Script {
    pub fn hook<F, R>(self, name: &str, handler: F) -> Self
    where
        F: Fn(Guest, Value) -> R + Send + Sync + 'static,
        R: Future<Output = End> + Send + 'static,
    {
        self.hook_with(name, |shape| shape, handler)
    }

    pub fn hook_with<F, R>(mut self, name: &str, shape: impl Fn(EntryHook) -> EntryHook, handler: F) -> Self
    where
        F: Fn(Guest, Value) -> R + Send + Sync + 'static,
        R: Future<Output = End> + Send + 'static,
    {
        self.shape.hooks.push(shape(EntryHook {
            name: name.into(),
            priority: 100.0,
            timeout: 5_000.0,
            dependencies: vec![],
            error_policy: "abort".into(),
            exclusive: false,
        }));
        self.handle(name, handler)
    }

    pub fn route<F, R>(mut self, name: &str, handler: F) -> Self
    where
        F: Fn(Guest, Value) -> R + Send + Sync + 'static,
        R: Future<Output = End> + Send + 'static,
    {
        let name = name.to_owned();
        self.shape.routes.push(EntryRoute {
            name: name.clone(),
            public: false,
            permission: None,
            cache_control: None,
            methods: vec![],
            body: None,
            max_bytes: None,
            headers: None,
            raw_response: false,
        });
        self.handle(&name, handler)
    }

    pub fn function<F, R>(mut self, name: &str, handler: F) -> Self
    where
        F: Fn(Guest, Value) -> R + Send + Sync + 'static,
        R: Future<Output = End> + Send + 'static,
    {
        self.shape.functions.push(name.into());
        self.handle(name, handler)
    }

    fn handle<F, R>(mut self, name: &str, handler: F) -> Self
    where
        F: Fn(Guest, Value) -> R + Send + Sync + 'static,
        R: Future<Output = End> + Send + 'static,
    {
        self.handlers.insert(name.into(), Arc::new(move |guest, input| Box::pin(handler(guest, input))));
        self
    }
}

/// Plugins by the text of their module.
#[derive(Default)]
pub struct ScriptedRuntime {
    scripts: Mutex<HashMap<String, Arc<Script>>>,
    pub instances: Arc<AtomicUsize>,
}

impl ScriptedRuntime {
    pub fn know(&self, code: &str, script: Script) {
        self.scripts.lock().unwrap().insert(code.into(), Arc::new(script));
    }
}

#[async_trait]
impl PluginRuntime for ScriptedRuntime {
    async fn prepare(&self, source: PluginSource) -> Result<Arc<dyn PluginImage>> {
        let script = self
            .scripts
            .lock()
            .unwrap()
            .get(String::from_utf8_lossy(source.code.bytes()).as_ref())
            .cloned()
            .unwrap();
        match &script.broken {
            Some(reason) => Err(Error::new(ErrorCode::PluginStartFailed, reason.clone())),
            None => Ok(Arc::new(Image { script, instances: Arc::clone(&self.instances) })),
        }
    }

    async fn describe(&self, _source: PluginSource) -> Result<Value> {
        Ok(Value::Null)
    }
}

struct Image {
    script: Arc<Script>,
    instances: Arc<AtomicUsize>,
}

impl PluginImage for Image {
    fn entry(&self) -> &EntryShape {
        &self.script.shape
    }

    fn image_bytes(&self) -> usize {
        0
    }

    fn instantiate(
        &self,
        context: &GuestContext,
        host: Arc<dyn HostCalls>,
        _limits: InstanceLimits,
    ) -> Result<Box<dyn PluginInstance>> {
        self.instances.fetch_add(1, Ordering::SeqCst);
        let guest = Guest { host, context: context.clone(), module: Arc::default(), wall: Duration::ZERO };
        Ok(Box::new(Instance { script: Arc::clone(&self.script), guest }))
    }
}

struct Instance {
    script: Arc<Script>,
    guest: Guest,
}

#[async_trait]
impl PluginInstance for Instance {
    async fn call(&mut self, call: GuestCall) -> GuestReport {
        let input = serde_json::from_str(&call.input).unwrap();
        self.guest.wall = call.wall;
        let usage = GuestUsage {
            wall: self.script.takes.min(call.wall),
            cpu: Duration::from_millis(2),
            ..GuestUsage::default()
        };
        if self.script.takes > call.wall {
            return GuestReport { outcome: Err(GuestStop::TimeLimit { limit: call.wall }), usage };
        }
        let handler = Arc::clone(self.script.handlers.get(&call.name).unwrap());
        let outcome = match handler(self.guest.clone(), input).await {
            End::Value(value) => Ok(GuestOutcome::Returned(Some(value.to_string()))),
            End::Undefined => Ok(GuestOutcome::Returned(None)),
            End::Throw(exception) => Ok(GuestOutcome::Threw(exception)),
            End::Respond(response) => Ok(GuestOutcome::Responded(response)),
            End::Stop(stop) => Err(stop),
        };
        GuestReport { outcome, usage }
    }

    async fn drain(&mut self, _cpu: Duration, _wall: Duration) -> GuestUsage {
        GuestUsage::default()
    }
}

/// Answers by URL; everything sent is remembered with its policy.
#[derive(Default)]
pub struct ScriptedHttp {
    pub answers: Mutex<BTreeMap<String, (u16, Vec<u8>)>>,
    pub sent: Mutex<Vec<(OutboundRequest, EgressPolicy)>>,
}

impl ScriptedHttp {
    pub fn answer(&self, url: &str, status: u16, body: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().insert(url.into(), (status, body.into()));
    }

    pub fn urls(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|(request, _)| format!("{} {}", request.method, request.url)).collect()
    }
}

#[async_trait]
impl GuardedHttp for ScriptedHttp {
    async fn send(&self, request: OutboundRequest, policy: &EgressPolicy) -> Result<OutboundResponse> {
        let url = request.url.clone();
        self.sent.lock().unwrap().push((request, policy.clone()));
        if url.host_str() == Some("never.example.com") {
            return futures::future::pending().await;
        }
        let answer = self.answers.lock().unwrap().get(url.as_str()).cloned();
        let Some((status, body)) = answer else {
            return Err(Error::new(ErrorCode::HostNotAllowed, "Host not allowed: x"));
        };
        Ok(OutboundResponse {
            status,
            status_text: "OK".into(),
            headers: vec![("x-a".into(), "1".into()), ("x-a".into(), "2".into())],
            body: body.into(),
            url,
        })
    }
}

/// One entry, `posts/1`.
pub struct OneEntry;

#[async_trait]
impl ContentAccess for OneEntry {
    async fn get(&self, _: &PluginCaller, collection: &CollectionName, id: &str) -> Result<Option<Value>> {
        if collection.as_str() != "posts" {
            return Err(Error::new(ErrorCode::CollectionNotFound, "no such collection"));
        }
        Ok((id == "1").then(|| json!({"id": "1", "type": "posts", "data": {"title": "stored"}})))
    }

    async fn list(&self, _: &PluginCaller, _: &CollectionName, query: &ContentQuery) -> Result<ContentPage> {
        let items = vec![json!({"limit": query.limit, "status": query.status})];
        Ok(ContentPage { items, cursor: query.cursor.clone() })
    }

    async fn create(
        &self,
        caller: &PluginCaller,
        _: &CollectionName,
        entries: Vec<ContentCreation>,
    ) -> Result<Vec<Value>> {
        let item = |entry: ContentCreation| json!({"data": entry.data, "locale": entry.locale, "translationOf": entry.translation_of, "by": caller.id});
        Ok(entries.into_iter().map(item).collect())
    }

    async fn update(
        &self,
        _: &PluginCaller,
        _: &CollectionName,
        changes: Vec<(String, JsonMap)>,
    ) -> Result<Vec<Value>> {
        Ok(changes.into_iter().map(|(id, data)| json!({"id": id, "data": data})).collect())
    }

    async fn taxonomies(&self, _: &PluginCaller, locale: Option<&str>) -> Result<Vec<Value>> {
        Ok(vec![json!({"name": "tag", "locale": locale})])
    }

    async fn terms(&self, _: &PluginCaller, taxonomy: &str, locale: Option<&str>) -> Result<Vec<Value>> {
        Ok(vec![json!({"taxonomy": taxonomy, "locale": locale})])
    }

    async fn entry_terms(
        &self,
        _: &PluginCaller,
        collection: &CollectionName,
        id: &str,
        taxonomy: Option<&str>,
        locale: Option<&str>,
    ) -> Result<Vec<Value>> {
        Ok(vec![json!({"of": [collection, id], "taxonomy": taxonomy, "locale": locale})])
    }

    async fn delete(&self, _: &PluginCaller, _: &CollectionName, ids: &[String]) -> Result<usize> {
        Ok(ids.iter().filter(|id| *id == "1").count())
    }
}

/// The site's settings, for tests to change.
#[derive(Default)]
pub struct Settings(pub Mutex<SiteFacts>);

#[async_trait]
impl SiteInfo for Settings {
    async fn facts(&self) -> Result<SiteFacts> {
        Ok(self.0.lock().unwrap().clone())
    }
}

/// A site without users.
pub struct Nobody;

#[async_trait]
impl UserDirectory for Nobody {
    async fn get(&self, _: &PluginCaller, _: &str) -> Result<Option<RouteUser>> {
        Ok(None)
    }

    async fn by_email(&self, _: &PluginCaller, _: &str) -> Result<Option<RouteUser>> {
        Ok(None)
    }

    async fn list(&self, _: &PluginCaller, _: Option<i64>, _: u32, cursor: Option<&str>) -> Result<UserPage> {
        Ok(UserPage { items: Vec::new(), next_cursor: cursor.map(str::to_owned) })
    }
}
