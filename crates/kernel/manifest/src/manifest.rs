//! The one internal manifest, whichever form it was written in (ruling 4).

use std::collections::BTreeMap;
use std::time::Duration;

use emdash_types::{Permission, PluginId};
use semver::Version;
use serde_json::Value;

use crate::{
    Budgets, Capability, CapabilitySet, DatabaseDeclaration, EmbedDeclaration, Hook, HostPattern,
    ManifestIssue,
};

/// Which of the forms a manifest was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ManifestForm {
    /// `manifest.json` of a bundle (plugin contract §1.5).
    Bundle,
    /// `plugin.json` with `api_version` "1" (A4).
    PluginJson,
    /// `plugin-manifest.json` with `apiVersion` "v2" (C3).
    Embed,
    /// `emdash-plugin.jsonc`, the author's file a bundle is made from (plugin contract §1.9).
    Authoring,
    /// The descriptor object a legacy plugin package computes about itself.
    Package,
}

/// What a plugin declares about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The form it was read from.
    pub form: ManifestForm,
    /// The plugin's id.
    pub id: PluginId,
    /// The release.
    pub version: Version,
    /// A name for people.
    pub name: Option<String>,
    /// One or two sentences.
    pub description: Option<String>,
    /// Facts for a catalogue.
    pub listing: Listing,
    /// The oldest host it runs on (C8).
    pub minimum_host: Option<Version>,
    /// What it may ask of the host, closed under implication.
    pub capabilities: CapabilitySet,
    /// Where it may send requests; with `network:request` and an empty list, nowhere.
    pub allowed_hosts: Vec<HostPattern>,
    /// Its storage collections by name. Names are free text: never put one into SQL.
    pub storage: BTreeMap<String, StorageCollection>,
    /// The database it has for itself; never in upstream's forms.
    pub database: Option<DatabaseDeclaration>,
    /// The hooks it answers.
    pub hooks: Vec<HookDeclaration>,
    /// The routes it answers.
    pub routes: Vec<RouteDeclaration>,
    /// The tools it offers to MCP clients.
    pub mcp_tools: Vec<McpTool>,
    /// Its part of the admin.
    pub admin: Admin,
    /// What it declares for the embed channel; only in the v2 form.
    pub embed: Option<EmbedDeclaration>,
    /// The component in the bundle that runs instead of `backend.js`: `runtime.wasm` (C36).
    pub wasm: Option<String>,
    /// Its limits.
    pub budgets: Budgets,
    /// What it asks for that this host does not know; a bundle written for a newer host may.
    pub unsupported: Unsupported,
}

/// Names of a bundle's manifest that this host does not know (plugin contract §12.98). They are shown, and nothing
/// is granted for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsupported {
    /// Capabilities, never granted.
    pub capabilities: Vec<String>,
    /// Hooks, never called.
    pub hooks: Vec<String>,
    /// What their author is told, with the place of each.
    pub issues: Vec<ManifestIssue>,
}

impl Manifest {
    /// A manifest that declares nothing but who it is.
    #[must_use]
    pub fn new(form: ManifestForm, id: PluginId, version: Version) -> Self {
        Self {
            form,
            id,
            version,
            name: None,
            description: None,
            listing: Listing::default(),
            minimum_host: None,
            capabilities: CapabilitySet::default(),
            allowed_hosts: Vec::new(),
            storage: BTreeMap::new(),
            database: None,
            hooks: Vec::new(),
            routes: Vec::new(),
            mcp_tools: Vec::new(),
            admin: Admin::default(),
            embed: None,
            wasm: None,
            budgets: Budgets::for_form(form),
            unsupported: Unsupported::default(),
        }
    }

    /// The name for people, the id where there is none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// `id@version`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The declaration of a hook.
    #[must_use]
    pub fn hook(&self, hook: Hook) -> Option<&HookDeclaration> {
        self.hooks.iter().find(|declaration| declaration.hook == hook)
    }

    /// The declaration of a route.
    #[must_use]
    pub fn route(&self, name: &str) -> Option<&RouteDeclaration> {
        self.routes.iter().find(|route| route.name == name)
    }

    /// Hooks the manifest declares without the capability the contract asks for them. Published plugins do
    /// this (upstream's sandboxes do not check), so it is no error here; who grants decides.
    pub fn hooks_without_capability(&self) -> impl Iterator<Item = (Hook, Capability)> + '_ {
        self.hooks.iter().filter_map(|declaration| {
            let needed = declaration.hook.required_capability()?;
            (!self.capabilities.contains(needed)).then_some((declaration.hook, needed))
        })
    }
}

/// What a catalogue shows beside name and description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// SPDX expression.
    pub license: Option<String>,
    /// Search words.
    pub keywords: Vec<String>,
    /// Where the source is.
    pub repository_url: Option<String>,
    /// Where to read more.
    pub homepage_url: Option<String>,
    /// What is new in this release.
    pub changelog: Option<String>,
}

/// A collection of documents the plugin keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageCollection {
    /// Indexes; each is one or more fields. Only indexed fields can be queried.
    pub indexes: Vec<Vec<String>>,
    /// Indexes that refuse a second document with the same values.
    pub unique_indexes: Vec<Vec<String>>,
}

impl StorageCollection {
    /// Whether queries may name this field: it is part of any index (plugin contract §3.3).
    #[must_use]
    pub fn is_indexed(&self, field: &str) -> bool {
        self.indexes.iter().chain(&self.unique_indexes).flatten().any(|name| name == field)
    }
}

/// What happens when a hook fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorPolicy {
    /// The operation is refused (A16).
    #[default]
    Abort,
    /// The failure is recorded and the next plugin goes on with the value as it was.
    Continue,
}

/// A hook the plugin answers.
#[derive(Clone, Debug, PartialEq)]
pub struct HookDeclaration {
    /// Which hook.
    pub hook: Hook,
    /// The name to call in the module: the hook as the module spells it, or a `plugin.json` handler name.
    pub name_in_module: String,
    /// Lower runs first.
    pub priority: f64,
    /// Wall-clock time of one call.
    pub timeout: Duration,
    /// Whether it offers itself as the only provider of the hook.
    pub exclusive: bool,
    /// What its failure means.
    pub error_policy: ErrorPolicy,
    /// Plugins that should run before, by id.
    pub dependencies: Vec<String>,
}

impl HookDeclaration {
    /// Where nothing else is said (plugin contract §2.2).
    pub const DEFAULT_PRIORITY: f64 = 100.0;

    /// A hook with every default.
    #[must_use]
    pub fn new(hook: Hook, name_in_module: impl Into<String>) -> Self {
        Self {
            hook,
            name_in_module: name_in_module.into(),
            priority: Self::DEFAULT_PRIORITY,
            timeout: Budgets::default_wall(hook),
            exclusive: false,
            error_policy: ErrorPolicy::Abort,
            dependencies: Vec::new(),
        }
    }
}

/// A route the plugin answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteDeclaration {
    /// The name; may contain slashes.
    pub name: String,
    /// Whether it answers without sign-in.
    pub public: bool,
    /// What a caller needs; `plugins:manage` where nothing is said.
    pub permission: Option<Permission>,
    /// `Cache-Control` of successful public reads.
    pub cache_control: Option<String>,
    /// Methods it answers, upper case; every method where none is listed.
    pub methods: Vec<String>,
    /// How its request body is read.
    pub body: RouteBody,
    /// The only request headers it sees, lower case; every harmless one where nothing is listed.
    pub headers: Option<Vec<String>>,
    /// Whether it declares to answer with a response of its own making rather than the JSON envelope.
    pub raw_response: bool,
}

/// How a route takes its request body (plugin contract §11, raw routes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RouteBody {
    /// JSON where it is JSON, the query for methods that only read (plugin contract §5.3).
    #[default]
    Usual,
    /// In the mode declared, at most so many bytes.
    Declared {
        /// The mode.
        mode: BodyMode,
        /// Longest body, bytes.
        max_bytes: usize,
    },
}

impl RouteBody {
    /// The longest body a route may declare, and what it gets where it declares no length.
    pub const MOST_BYTES: usize = 8 * 1024 * 1024;
}

/// What a declared request body becomes as `routeCtx.input`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyMode {
    /// Nothing; the body is not read.
    None,
    /// The parsed value; anything else is refused.
    Json,
    /// A string.
    Text,
    /// A `Uint8Array`.
    Bytes,
    /// A `FormData`.
    FormData,
}

impl BodyMode {
    /// Every mode.
    pub const ALL: [Self; 5] = [Self::None, Self::Json, Self::Text, Self::Bytes, Self::FormData];

    /// The name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Json => "json",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::FormData => "form-data",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

impl RouteDeclaration {
    /// Methods a route may list.
    pub const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// A private route with every default.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            public: false,
            permission: None,
            cache_control: None,
            methods: Vec::new(),
            body: RouteBody::Usual,
            headers: None,
            raw_response: false,
        }
    }

    /// Whether it answers a method; HEAD wherever GET is answered.
    #[must_use]
    pub fn answers(&self, method: &str) -> bool {
        let listed = |wanted: &str| self.methods.iter().any(|method| method == wanted);
        self.methods.is_empty() || listed(method) || (method == "HEAD" && listed("GET"))
    }
}

/// A tool for MCP clients, backed by a route.
#[derive(Clone, Debug, PartialEq)]
pub struct McpTool {
    /// The tool's name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The route that answers.
    pub route: String,
    /// What a caller needs.
    pub permission: Permission,
    /// Whether it destroys something.
    pub destructive: bool,
    /// JSON Schema of the input.
    pub input_schema: Value,
    /// JSON Schema of the output.
    pub output_schema: Option<Value>,
}

/// The plugin's part of the admin; data only, no plugin code runs in a browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Admin {
    /// Pages in the sidebar.
    pub pages: Vec<AdminPage>,
    /// Widgets on the dashboard.
    pub widgets: Vec<AdminWidget>,
    /// Settings with a generated form, in the order of the manifest.
    pub settings: Vec<Setting>,
    /// Editors for content fields.
    pub field_widgets: Vec<FieldWidget>,
}

/// A page of the admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminPage {
    /// The path below the plugin's own, with a leading slash.
    pub path: String,
    /// The label in the sidebar.
    pub label: String,
    /// A Phosphor icon name.
    pub icon: Option<String>,
}

/// A widget of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminWidget {
    /// The id, unique within the plugin.
    pub id: String,
    /// How wide it is.
    pub size: Option<WidgetSize>,
    /// The heading.
    pub title: Option<String>,
}

/// The width of a dashboard widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WidgetSize {
    /// The whole row.
    Full,
    /// Half a row.
    Half,
    /// A third of a row.
    Third,
}

impl WidgetSize {
    /// Every size.
    pub const ALL: [Self; 3] = [Self::Full, Self::Half, Self::Third];

    /// The name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Half => "half",
            Self::Third => "third",
        }
    }
}

/// One setting of the generated form.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key.
    pub key: String,
    /// The label.
    pub label: String,
    /// A sentence below it.
    pub description: Option<String>,
    /// Type, default and bounds.
    pub kind: SettingKind,
}

/// The type of a setting, with what the type allows.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingKind {
    /// Text.
    String {
        /// Value until saved.
        default: Option<String>,
        /// Whether it is a text area.
        multiline: bool,
    },
    /// A number.
    Number {
        /// Value until saved.
        default: Option<f64>,
        /// Least value.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
    },
    /// A switch.
    Boolean {
        /// Value until saved.
        default: Option<bool>,
    },
    /// One of a list.
    Select {
        /// Pairs of value and label.
        options: Vec<(String, String)>,
        /// Value until saved.
        default: Option<String>,
    },
    /// A secret: encrypted at rest, never shown again, put in by the host on the way out (ruling 3).
    Secret {
        /// The hosts it may be sent to; `None` for every host the plugin lists.
        hosts: Option<Vec<HostPattern>>,
    },
    /// A URL.
    Url {
        /// Value until saved.
        default: Option<String>,
        /// Grey text in the empty field.
        placeholder: Option<String>,
    },
    /// An e-mail address.
    Email {
        /// Value until saved.
        default: Option<String>,
        /// Grey text in the empty field.
        placeholder: Option<String>,
    },
}

impl SettingKind {
    /// The name in manifests.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::String { .. } => "string",
            Self::Number { .. } => "number",
            Self::Boolean { .. } => "boolean",
            Self::Select { .. } => "select",
            Self::Secret { .. } => "secret",
            Self::Url { .. } => "url",
            Self::Email { .. } => "email",
        }
    }
}

/// An editor for content fields, built from Block Kit elements.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldWidget {
    /// The name fields refer to.
    pub name: String,
    /// The label.
    pub label: String,
    /// The field types it can edit.
    pub field_types: Vec<String>,
    /// Its elements, as data.
    pub elements: Vec<Value>,
}
