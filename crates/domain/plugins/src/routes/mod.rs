//! A plugin's own endpoints (plugin contract §5).

mod rate;
mod reply;
mod request;
mod tools;

use std::net::IpAddr;
use std::sync::Arc;

use emdash_manifest::{RouteBody, RouteDeclaration};
use emdash_ports::runtime::{GuestCall, GuestTarget};
use emdash_types::{Error, ErrorCode, Permission, PluginId, Result};
use serde::Serialize;
use serde_json::Value;

use crate::PluginHost;
use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::session::Running;

pub(crate) use rate::PublicCalls;
pub use tools::{OfferedTool, ToolCall};

/// Who may call a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteAccess {
    /// Whether anybody may; then no caller is looked at, even where there is one.
    pub public: bool,
    /// What a caller needs otherwise; tokens need the scope `admin` besides.
    pub permission: Permission,
    /// `Cache-Control` of successful public reads.
    pub cache_control: Option<String>,
    /// Methods it answers; every method where none is listed.
    pub methods: Vec<String>,
    /// How its request body is read.
    pub body: RouteBody,
    /// The only request headers it sees, lower case; every harmless one where nothing is listed.
    pub headers: Option<Vec<String>>,
}

impl RouteAccess {
    /// As a route declares it.
    pub(crate) fn of(route: &RouteDeclaration) -> Self {
        let mut methods = route.methods.clone();
        if route.answers("HEAD") && !methods.is_empty() && !methods.iter().any(|method| method == "HEAD") {
            methods.push("HEAD".to_owned());
        }
        Self {
            public: route.public,
            permission: route.permission.unwrap_or(Permission::PluginsManage),
            cache_control: route.cache_control.clone(),
            methods,
            body: route.body,
            headers: route.headers.clone(),
        }
    }

    /// Whether it answers a method.
    #[must_use]
    pub fn answers(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|listed| listed == method)
    }
}

/// Where a request came from (`requestMeta`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestMeta {
    /// Address, where the server knows it.
    pub ip: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// `Referer`.
    pub referer: Option<String>,
    /// Where on earth; never known by this server.
    pub geo: Option<Value>,
}

/// A user, as plugins see one: the signed-in one of a route, or one of `ctx.users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteUser {
    /// Id.
    pub id: String,
    /// Address.
    pub email: String,
    /// Name for people.
    pub name: Option<String>,
    /// Role level.
    pub role: u8,
    /// Made at, ISO 8601.
    pub created_at: String,
}

/// A request body that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawBody {
    /// Whether it becomes a `FormData` rather than a `Uint8Array`.
    pub form: bool,
    /// Its `Content-Type`.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A request to a route, already authorised by [`Route::access`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteRequest {
    /// Method, upper case.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Header pairs; what plugins must not see is removed here.
    pub headers: Vec<(String, String)>,
    /// The parsed body or query (plugin contract §5.3); `None` for `undefined`.
    pub input: Option<Value>,
    /// The body where the route takes it raw: its bytes become a `Uint8Array` or a `FormData`.
    pub raw: Option<RawBody>,
    /// Where it came from.
    pub meta: RequestMeta,
    /// The address the connection came from, for the limit of public calls; `None` where it says nothing.
    pub peer: Option<IpAddr>,
    /// The user; ignored on public routes.
    pub user: Option<RouteUser>,
}

/// What a route answered.
#[derive(Clone, Debug, PartialEq)]
pub enum RouteReply {
    /// A value for the envelope `{success: true, data}`.
    Data {
        /// JSON text; `None` where the route returned nothing and `data` is absent.
        json: Option<String>,
        /// `Cache-Control`; `None` for `private, no-store`.
        cache_control: Option<String>,
    },
    /// The plugin's own refusal (`PluginRouteError`), for the envelope `{success: false, error}`.
    Refused {
        /// Status, 400 to 599.
        status: u16,
        /// Code; the plugin's.
        code: String,
        /// Message; the plugin's.
        message: String,
        /// Details; the plugin's.
        details: Option<Value>,
    },
    /// A `Response` of the plugin, to be sent as it stands.
    Response {
        /// Status, 200 to 599.
        status: u16,
        /// Headers that may be sent, security headers included.
        headers: Vec<(String, String)>,
        /// Body, whatever it is.
        body: Vec<u8>,
    },
}

/// A route that was found, with the release that answers it: who may call it and what is called belong together.
pub struct Route {
    site: Arc<Site>,
    plugin: Arc<LoadedPlugin>,
    name: String,
    access: RouteAccess,
}

impl PluginHost {
    /// A route; `None` where no live plugin declares it.
    #[must_use]
    pub fn route(&self, plugin: &PluginId, name: &str) -> Option<Route> {
        let plugin = self.site.generation().plugin(plugin).cloned()?;
        let access = plugin.route(name)?;
        Some(Route { site: Arc::clone(&self.site), plugin, name: name.to_owned(), access })
    }
}

impl Route {
    /// Who may call it.
    #[must_use]
    pub fn access(&self) -> &RouteAccess {
        &self.access
    }

    /// Calls it.
    ///
    /// # Errors
    /// `RATE_LIMITED` on public routes; `ROUTE_ERROR` with the plugin's message, masked on public routes; the limit
    /// it ran into.
    pub async fn call(self, request: RouteRequest) -> Result<RouteReply> {
        let Self { site, mut plugin, name, access } = self;
        if access.public {
            let limit = plugin.manifest.budgets.public_calls_per_minute;
            site.public_calls.admit(&plugin.id, request.peer, limit, site.parts.ambient.now())?;
        }
        let mut started = Running::queued(&site, &plugin, &[]).await;
        if started.is_err() && plugin.is_taken_back() {
            // The release before it answers, where it answers the same callers.
            let before = site.generation().plugin(&plugin.id).cloned();
            plugin = before
                .filter(|before| before.route(&name).as_ref() == Some(&access))
                .ok_or_else(|| Error::new(ErrorCode::NotFound, "Plugin route not found"))?;
            started = Running::queued(&site, &plugin, &[]).await;
        }
        let called = reply::Called { plugin: &plugin, route: &name, access: &access, reads: request.reads() };
        let mut running = match started {
            Ok(running) => running,
            Err(failure) => return called.reply(Err(failure)),
        };
        let budgets = &plugin.manifest.budgets;
        let wall = budgets.route_wall;
        let call = GuestCall {
            target: GuestTarget::Route,
            name: name.clone(),
            input: request::context(request, &access),
            cpu: budgets.cpu,
            wall,
        };
        let (outcome, _) = running.begin(&format!("route {name}"), call).await;
        // The answer does not wait for what the handler did not await.
        tokio::spawn(async move { running.settle(wall).await });
        called.reply(outcome)
    }
}
