//! Bringing a manifest and what its module really exports together (plugin contract §2.2, §12.13).

use std::collections::BTreeSet;

use emdash_types::Permission;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::read::{hook_timeout, is_route_name, is_tool_name, unknown_hook};
use crate::{
    BodyMode, Budgets, ErrorPolicy, Hook, HookDeclaration, Manifest, ManifestForm, McpTool, RouteBody,
    RouteDeclaration,
};

/// What evaluating a module showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EntryShape {
    /// Hooks, in module order.
    pub hooks: Vec<EntryHook>,
    /// Routes, in module order.
    pub routes: Vec<EntryRoute>,
    /// Tools for MCP clients, in module order.
    #[serde(default)]
    pub tools: Vec<EntryTool>,
    /// Names of exported functions other than the default export; `plugin.json` may name them as handlers (A5).
    pub functions: Vec<String>,
}

impl EntryShape {
    /// What can answer a hook of a manifest of this form.
    fn handlers(&self, form: ManifestForm) -> impl Iterator<Item = EntryHook> + '_ {
        let functions = self.functions.iter().filter(move |_| form == ManifestForm::PluginJson);
        self.hooks.iter().cloned().chain(functions.map(|name| EntryHook::bare(name)))
    }
}

/// A hook as found in the module (plugin contract §2.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryHook {
    /// The name as the module spells it.
    pub name: String,
    /// Lower runs first.
    pub priority: f64,
    /// Milliseconds.
    pub timeout: f64,
    /// Plugin ids that should run before.
    pub dependencies: Vec<String>,
    /// `continue` or `abort`.
    pub error_policy: String,
    /// Whether only one plugin may provide it.
    pub exclusive: bool,
}

impl EntryHook {
    /// A function that configures nothing; the manifest's own timeout stays.
    fn bare(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            priority: HookDeclaration::DEFAULT_PRIORITY,
            timeout: 0.0,
            dependencies: Vec::new(),
            error_policy: "abort".to_owned(),
            exclusive: false,
        }
    }
}

/// A route as found in the module (plugin contract §2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryRoute {
    /// The name, which may contain slashes.
    pub name: String,
    /// Whether no sign-in is needed.
    pub public: bool,
    /// The permission a caller needs.
    pub permission: Option<String>,
    /// `Cache-Control` of public answers.
    pub cache_control: Option<String>,
    /// Methods it answers; every method where none is listed.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The mode its request body is read in, where it declares one.
    #[serde(default)]
    pub body: Option<String>,
    /// Longest request body, bytes.
    #[serde(default)]
    pub max_bytes: Option<u32>,
    /// The only request headers it sees.
    #[serde(default)]
    pub headers: Option<Vec<String>>,
    /// Whether it makes its response itself.
    #[serde(default)]
    pub raw_response: bool,
}

/// A tool for MCP clients as found in the module (plugin contract §2.4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryTool {
    /// The name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// The route that answers.
    pub route: Option<String>,
    /// Whether it destroys something.
    pub destructive: bool,
    /// JSON Schema of the input, where the module could give one.
    pub input_schema: Option<Value>,
    /// JSON Schema of the output, where the module could give one.
    pub output_schema: Option<Value>,
}

impl Manifest {
    /// On a site: fills the gaps of the manifest from the module. Whatever decides access (which hooks and
    /// routes exist, `public`, `permission`, `exclusive`) stays as the manifest says.
    ///
    /// # Errors
    /// Sentences naming each handler that `plugin.json` maps a hook to and the module does not export. In the
    /// other forms a missing handler simply never runs, as upstream has it.
    pub fn merge_entry(&mut self, entry: &EntryShape) -> Result<(), Vec<String>> {
        let hooks: Vec<EntryHook> = entry.handlers(self.form).collect();
        let strict = self.form == ManifestForm::PluginJson;
        let mut missing = Vec::new();
        for declaration in &mut self.hooks {
            let by_name = hooks.iter().find(|found| found.name == declaration.name_in_module);
            let found = by_name
                .or_else(|| hooks.iter().find(|found| Hook::by_name(&found.name) == Some(declaration.hook)));
            match found {
                Some(found) => fill(declaration, found, strict),
                None if strict => missing.push(format!(
                    "the hook {} is handled by \"{}\", which the module does not export",
                    declaration.hook, declaration.name_in_module
                )),
                None => {}
            }
        }
        for route in self.routes.iter_mut().filter(|route| route.cache_control.is_none()) {
            let found = entry.routes.iter().find(|found| found.name == route.name);
            route.cache_control = found.and_then(|found| found.cache_control.clone());
        }
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }

    /// In the bundler: declares what the module exports, which replaces all hooks and routes so far
    /// (plugin contract §1.10).
    ///
    /// # Errors
    /// Sentences naming every unknown hook, wrong route name, unknown permission, and an admin page or widget
    /// without a route `admin` to draw it.
    pub fn adopt_entry(&mut self, entry: &EntryShape) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        self.hooks.clear();
        for found in &entry.hooks {
            match Hook::by_name(&found.name) {
                Some(hook) if seen.insert(hook) => {
                    let mut declaration = HookDeclaration::new(hook, &found.name);
                    fill(&mut declaration, found, false);
                    declaration.exclusive = found.exclusive;
                    self.hooks.push(declaration);
                }
                Some(hook) => problems.push(format!("the module exports the hook {hook} in two spellings")),
                None => problems.push(unknown_hook(&found.name)),
            }
        }
        self.routes.clear();
        for found in &entry.routes {
            match route(found) {
                Ok(route) => self.routes.push(route),
                Err(problem) => problems.push(problem),
            }
        }
        self.mcp_tools.clear();
        for found in &entry.tools {
            match self.tool(found) {
                Ok(tool) => self.mcp_tools.push(tool),
                Err(problem) => problems.push(problem),
            }
        }
        let draws = !self.admin.pages.is_empty() || !self.admin.widgets.is_empty();
        if draws && self.route("admin").is_none() {
            problems.push("admin pages and widgets are drawn by a route called \"admin\"; add it".to_owned());
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// A tool stands on a private route and needs what the route needs (plugin contract §5.7).
    fn tool(&self, found: &EntryTool) -> Result<McpTool, String> {
        let name = &found.name;
        if !is_tool_name(name) {
            return Err(format!("\"{name}\" is not a tool name: use letters, digits, _ and -"));
        }
        let route = found.route.as_deref().and_then(|route| self.route(route));
        let route = route.ok_or_else(|| format!("the tool {name} names no route the module exports"))?;
        if route.public {
            return Err(format!(
                "the tool {name} stands on the public route {}; make it private",
                route.name
            ));
        }
        let schema = found.input_schema.clone().filter(Value::is_object);
        Ok(McpTool {
            name: name.clone(),
            description: found
                .description
                .clone()
                .ok_or_else(|| format!("the tool {name} needs a description"))?,
            route: route.name.clone(),
            permission: route.permission.unwrap_or(Permission::PluginsManage),
            destructive: found.destructive,
            input_schema: schema.ok_or_else(|| {
                format!(
                    "the tool {name} needs an `input` that is a JSON Schema, or gives one by toJSONSchema()"
                )
            })?,
            output_schema: found.output_schema.clone().filter(Value::is_object),
        })
    }
}

/// Takes over what the manifest leaves at its default. A bundle lists a hook without priority and timeout
/// exactly when they are the defaults, so a default is a gap.
fn fill(declaration: &mut HookDeclaration, found: &EntryHook, always_abort: bool) {
    let gap = HookDeclaration::new(declaration.hook, "");
    declaration.name_in_module.clone_from(&found.name);
    declaration.dependencies.clone_from(&found.dependencies);
    if found.error_policy == "continue" && !always_abort {
        declaration.error_policy = ErrorPolicy::Continue;
    }
    if declaration.priority == gap.priority && found.priority.is_finite() {
        declaration.priority = found.priority;
    }
    // The cast saturates; the cap is far below. The contract's default says nothing about a hook nobody waits for.
    let timeout = found.timeout as u64;
    let unsaid = declaration.hook.is_background() && u128::from(timeout) == Budgets::HOOK_WALL.as_millis();
    if declaration.timeout == gap.timeout && timeout >= 1 && !unsaid {
        declaration.timeout = hook_timeout(declaration.hook, timeout);
    }
}

fn route(found: &EntryRoute) -> Result<RouteDeclaration, String> {
    if !is_route_name(&found.name) {
        return Err(format!("\"{}\" is not a route name: use letters, digits, _, - and /", found.name));
    }
    let permission =
        match &found.permission {
            Some(name) => {
                let permission = Permission::by_name(name);
                Some(permission.ok_or_else(|| {
                    format!("the route {} names an unknown permission \"{name}\"", found.name)
                })?)
            }
            None => None,
        };
    let unknown = |method: &&String| !RouteDeclaration::METHODS.contains(&method.as_str());
    if let Some(method) = found.methods.iter().find(unknown) {
        return Err(format!("the route {} names an unknown method \"{method}\"", found.name));
    }
    let body = match &found.body {
        None => RouteBody::Usual,
        Some(mode) => {
            let mode = BodyMode::by_name(mode)
                .ok_or_else(|| format!("the route {} names an unknown body mode \"{mode}\"", found.name))?;
            let wanted = found.max_bytes.map_or(RouteBody::MOST_BYTES, |bytes| bytes as usize);
            RouteBody::Declared { mode, max_bytes: wanted.clamp(1, RouteBody::MOST_BYTES) }
        }
    };
    let lower = |names: &Vec<String>| names.iter().map(|name| name.to_ascii_lowercase()).collect();
    Ok(RouteDeclaration {
        name: found.name.clone(),
        public: found.public,
        permission,
        cache_control: found.cache_control.clone(),
        methods: found.methods.clone(),
        body,
        headers: found.headers.as_ref().map(lower),
        raw_response: found.raw_response,
    })
}
