//! A plugin's hooks and routes, and the component they make.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Once;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bindings::exports::emdash::plugin::{hooks, routes};
use crate::{Failure, log, write};

/// A plugin: what it answers.
pub trait Plugin: 'static {
    /// The hooks it answers.
    #[must_use]
    fn hooks() -> Vec<Hook> {
        Vec::new()
    }

    /// The routes it answers.
    #[must_use]
    fn routes() -> Vec<Route> {
        Vec::new()
    }
}

type HookHandler = Box<dyn Fn(&str) -> Result<Option<String>, Failure>>;
type RouteHandler = Box<dyn Fn(&str) -> Result<routes::Answer, Failure>>;

/// A hook and what answers it.
pub struct Hook {
    shape: hooks::Hook,
    handler: HookHandler,
}

impl Hook {
    /// Answers the hook `name`, such as `content:beforeSave`. `None` leaves everything as it is; in
    /// `content:beforeSave` the answer is the content to save.
    #[must_use]
    pub fn new<E, R>(name: &str, handler: impl Fn(E) -> Result<Option<R>, Failure> + 'static) -> Self
    where
        E: DeserializeOwned + 'static,
        R: Serialize + 'static,
    {
        let shape = hooks::Hook {
            name: name.to_owned(),
            priority: 100.0,
            timeout_ms: 5000,
            dependencies: Vec::new(),
            error_policy: hooks::ErrorPolicy::Abort,
            exclusive: false,
        };
        let handler = move |event: &str| match handler(serde_json::from_str(event)?)? {
            Some(answer) => write(&answer).map(Some),
            None => Ok(None),
        };
        Self { shape, handler: Box::new(handler) }
    }

    /// Lower runs first; 100 where nothing is said.
    #[must_use]
    pub fn priority(mut self, priority: f64) -> Self {
        self.shape.priority = priority;
        self
    }

    /// Time for one call in milliseconds; 5,000 where nothing is said.
    #[must_use]
    pub fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.shape.timeout_ms = timeout_ms;
        self
    }

    /// Lets the next plugin go on where this one fails.
    #[must_use]
    pub fn continue_on_error(mut self) -> Self {
        self.shape.error_policy = hooks::ErrorPolicy::Continue;
        self
    }

    /// Offers the plugin as the only provider of the hook.
    #[must_use]
    pub fn exclusive(mut self) -> Self {
        self.shape.exclusive = true;
        self
    }

    /// Runs after these plugins, by id.
    #[must_use]
    pub fn after(mut self, plugins: &[&str]) -> Self {
        self.shape.dependencies = plugins.iter().map(|id| (*id).to_owned()).collect();
        self
    }
}

/// A request to a route. `I` is the JSON body, or the query of a GET.
#[derive(Clone, Debug)]
pub struct Request<I> {
    /// The parsed input.
    pub input: I,
    /// Everything else.
    pub request: RequestFacts,
}

/// The route context of the host.
#[derive(Deserialize)]
struct Context {
    #[serde(default)]
    input: Value,
    request: RequestFacts,
}

impl<I: DeserializeOwned> Request<I> {
    fn read(context: &str) -> Result<Self, Failure> {
        let Context { input, request } = serde_json::from_str(context)?;
        Ok(Self { input: serde_json::from_value(input)?, request })
    }
}

/// Facts of a request.
#[derive(Clone, Debug, Deserialize)]
pub struct RequestFacts {
    /// The whole address.
    pub url: String,
    /// The method.
    pub method: String,
    /// Headers in lower case, credentials left out.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Who asks; never set in a public route.
    pub user: Option<User>,
}

/// Who asks.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The id.
    pub id: String,
    /// The address.
    pub email: String,
    /// The name for people.
    pub name: Option<String>,
    /// The role's level; administrators have 50.
    pub role: u8,
}

/// What a route answers.
pub type Answer = Result<Reply, Failure>;

/// An answer to a request.
#[derive(Clone, Debug)]
pub struct Reply(routes::Answer);

impl Reply {
    /// A value, which the host wraps as `{"data": …}`.
    #[must_use]
    pub fn json(value: &impl Serialize) -> Self {
        match write(value) {
            Ok(json) => Self(routes::Answer::Value(json)),
            Err(_) => Self::nothing(),
        }
    }

    /// No value.
    #[must_use]
    pub fn nothing() -> Self {
        Self(routes::Answer::Nothing)
    }

    /// An answer of the plugin's own making, such as a page.
    #[must_use]
    pub fn response(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self(routes::Answer::Response(routes::Response { status, headers, body: body.into() }))
    }
}

/// A route and what answers it.
pub struct Route {
    shape: routes::Route,
    handler: RouteHandler,
}

impl Route {
    /// Answers at `/_emdash/api/plugins/<id>/<name>`. Private unless said otherwise.
    #[must_use]
    pub fn new<I: DeserializeOwned + 'static>(
        name: &str,
        handler: impl Fn(Request<I>) -> Answer + 'static,
    ) -> Self {
        let shape =
            routes::Route { name: name.to_owned(), public: false, permission: None, cache_control: None };
        let handler = move |context: &str| handler(Request::read(context)?).map(|Reply(answer)| answer);
        Self { shape, handler: Box::new(handler) }
    }

    /// Answers without sign-in, where the manifest says so too.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.shape.public = true;
        self
    }

    /// What a caller needs.
    #[must_use]
    pub fn permission(mut self, permission: &str) -> Self {
        self.shape.permission = Some(permission.to_owned());
        self
    }

    /// `Cache-Control` of public reads.
    #[must_use]
    pub fn cache_control(mut self, cache_control: &str) -> Self {
        self.shape.cache_control = Some(cache_control.to_owned());
        self
    }
}

/// The component of a plugin.
pub struct Component<P>(PhantomData<P>);

/// A panic ends the call; its message goes to the plugin's log.
fn log_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| log::error(&panic.to_string()))));
}

impl<P: Plugin> hooks::Guest for Component<P> {
    fn describe() -> Vec<hooks::Hook> {
        P::hooks().into_iter().map(|hook| hook.shape).collect()
    }

    fn call(name: String, event: String) -> Result<Option<String>, hooks::Failure> {
        log_panics();
        match P::hooks().into_iter().find(|hook| hook.shape.name == name) {
            Some(hook) => (hook.handler)(&event).map_err(Failure::into_wire),
            None => Ok(None),
        }
    }
}

impl<P: Plugin> routes::Guest for Component<P> {
    fn describe() -> Vec<routes::Route> {
        P::routes().into_iter().map(|route| route.shape).collect()
    }

    fn call(name: String, context: String) -> Result<routes::Answer, hooks::Failure> {
        log_panics();
        let found = P::routes().into_iter().find(|route| route.shape.name == name);
        let Some(route) = found else {
            let failure = Failure::new(format!("Route not found: {name}")).code("NOT_FOUND").status(404);
            return Err(failure.into_wire());
        };
        (route.handler)(&context).map_err(Failure::into_wire)
    }
}
