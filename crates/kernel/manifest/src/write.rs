//! Writing `manifest.json` (plugin contract §1.5), the way upstream's bundler does.

use serde_json::{Map, Value, json};

use crate::{
    Admin, FieldWidget, HookDeclaration, Manifest, McpTool, RouteBody, RouteDeclaration, Setting,
    SettingKind, StorageCollection,
};

impl Manifest {
    /// The text of the bundle's `manifest.json`. Budgets, handler names, error policies and dependencies have no
    /// place in it: the module carries them, or the host sets them.
    #[must_use]
    pub fn to_bundle_json(&self) -> String {
        let mut root = Map::new();
        root.insert("id".into(), json!(self.id.as_str()));
        root.insert("version".into(), json!(self.version.to_string()));
        put(&mut root, "name", self.name.as_deref());
        put(&mut root, "description", self.description.as_deref());
        put(&mut root, "license", self.listing.license.as_deref());
        if !self.listing.keywords.is_empty() {
            root.insert("keywords".into(), json!(self.listing.keywords));
        }
        put(&mut root, "repositoryUrl", self.listing.repository_url.as_deref());
        put(&mut root, "homepageUrl", self.listing.homepage_url.as_deref());
        put(&mut root, "changelog", self.listing.changelog.as_deref());
        put(&mut root, "minEmDashVersion", self.minimum_host.as_ref().map(ToString::to_string));
        root.insert("capabilities".into(), json!(self.capabilities.names()));
        root.insert("allowedHosts".into(), json!(self.allowed_hosts));
        let storage =
            self.storage.iter().map(|(name, collection)| (name.clone(), collection_json(collection)));
        root.insert("storage".into(), Value::Object(storage.collect()));
        root.insert("hooks".into(), self.hooks.iter().map(hook_json).collect());
        root.insert("routes".into(), self.routes.iter().map(route_json).collect());
        if !self.mcp_tools.is_empty() {
            let tools: Value = self.mcp_tools.iter().map(tool_json).collect();
            root.insert("mcp".into(), json!({ "tools": tools }));
        }
        root.insert("admin".into(), admin_json(&self.admin));
        if let Some(wasm) = &self.wasm {
            root.insert("runtime".into(), json!({ "wasm": wasm }));
        }
        // `{:#}` of a JSON value is its indented text.
        format!("{:#}\n", Value::Object(root))
    }
}

fn put(object: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value.into());
    }
}

fn collection_json(collection: &StorageCollection) -> Value {
    let list = |indexes: &[Vec<String>]| -> Value {
        indexes
            .iter()
            .map(|fields| if let [field] = fields.as_slice() { json!(field) } else { json!(fields) })
            .collect()
    };
    let mut object = Map::new();
    object.insert("indexes".into(), list(&collection.indexes));
    if !collection.unique_indexes.is_empty() {
        object.insert("uniqueIndexes".into(), list(&collection.unique_indexes));
    }
    Value::Object(object)
}

fn hook_json(declaration: &HookDeclaration) -> Value {
    let gap = HookDeclaration::new(declaration.hook, "");
    let mut object = Map::new();
    object.insert("name".into(), json!(declaration.hook.name()));
    if declaration.exclusive {
        object.insert("exclusive".into(), json!(true));
    }
    if declaration.priority != gap.priority {
        // The wire knows whole numbers only.
        object.insert("priority".into(), json!(declaration.priority.round() as i64));
    }
    if declaration.timeout != gap.timeout {
        let milliseconds = u64::try_from(declaration.timeout.as_millis()).unwrap_or(u64::MAX);
        object.insert("timeout".into(), json!(milliseconds));
    }
    if object.len() == 1 { json!(declaration.hook.name()) } else { Value::Object(object) }
}

fn route_json(route: &RouteDeclaration) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(route.name));
    if route.public {
        object.insert("public".into(), json!(true));
    }
    put(&mut object, "permission", route.permission.map(|permission| permission.name()));
    put(&mut object, "cacheControl", route.cache_control.as_deref());
    if !route.methods.is_empty() {
        object.insert("methods".into(), json!(route.methods));
    }
    let mut request = Map::new();
    if let RouteBody::Declared { mode, max_bytes } = route.body {
        request.insert("body".into(), json!({"mode": mode.name(), "maxBytes": max_bytes}));
    }
    if let Some(headers) = &route.headers {
        request.insert("headers".into(), json!(headers));
    }
    if !request.is_empty() {
        object.insert("request".into(), Value::Object(request));
    }
    put(&mut object, "response", route.raw_response.then_some("raw"));
    if object.len() == 1 { json!(route.name) } else { Value::Object(object) }
}

fn tool_json(tool: &McpTool) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(tool.name));
    object.insert("description".into(), json!(tool.description));
    object.insert("route".into(), json!(tool.route));
    object.insert("permission".into(), json!(tool.permission.name()));
    object.insert("destructive".into(), json!(tool.destructive));
    object.insert("inputSchema".into(), tool.input_schema.clone());
    put(&mut object, "outputSchema", tool.output_schema.clone());
    Value::Object(object)
}

fn admin_json(admin: &Admin) -> Value {
    let mut object = Map::new();
    if !admin.settings.is_empty() {
        let settings = admin.settings.iter().map(|setting| (setting.key.clone(), setting_json(setting)));
        object.insert("settingsSchema".into(), Value::Object(settings.collect()));
    }
    if !admin.pages.is_empty() {
        let page = |page: &crate::AdminPage| {
            let mut object = Map::new();
            object.insert("path".into(), json!(page.path));
            object.insert("label".into(), json!(page.label));
            put(&mut object, "icon", page.icon.as_deref());
            Value::Object(object)
        };
        object.insert("pages".into(), admin.pages.iter().map(page).collect());
    }
    if !admin.widgets.is_empty() {
        let widget = |widget: &crate::AdminWidget| {
            let mut object = Map::new();
            object.insert("id".into(), json!(widget.id));
            put(&mut object, "size", widget.size.map(crate::WidgetSize::name));
            put(&mut object, "title", widget.title.as_deref());
            Value::Object(object)
        };
        object.insert("widgets".into(), admin.widgets.iter().map(widget).collect());
    }
    if !admin.field_widgets.is_empty() {
        object.insert("fieldWidgets".into(), admin.field_widgets.iter().map(field_widget_json).collect());
    }
    Value::Object(object)
}

fn field_widget_json(widget: &FieldWidget) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(widget.name));
    object.insert("label".into(), json!(widget.label));
    object.insert("fieldTypes".into(), json!(widget.field_types));
    if !widget.elements.is_empty() {
        object.insert("elements".into(), json!(widget.elements));
    }
    Value::Object(object)
}

impl Setting {
    /// The setting as upstream's schema has it, without the key; also what the admin's form is built from.
    #[must_use]
    pub fn to_json(&self) -> Value {
        setting_json(self)
    }
}

fn setting_json(setting: &Setting) -> Value {
    let mut object = Map::new();
    object.insert("type".into(), json!(setting.kind.name()));
    object.insert("label".into(), json!(setting.label));
    put(&mut object, "description", setting.description.as_deref());
    match &setting.kind {
        SettingKind::String { default, multiline } => {
            put(&mut object, "default", default.as_deref());
            put(&mut object, "multiline", multiline.then_some(true));
        }
        SettingKind::Number { default, min, max } => {
            put(&mut object, "default", default.map(number_json));
            put(&mut object, "min", min.map(number_json));
            put(&mut object, "max", max.map(number_json));
        }
        SettingKind::Boolean { default } => put(&mut object, "default", *default),
        SettingKind::Select { options, default } => {
            let option = |(value, label): &(String, String)| json!({ "value": value, "label": label });
            object.insert("options".into(), options.iter().map(option).collect());
            put(&mut object, "default", default.as_deref());
        }
        SettingKind::Secret { hosts } => put(&mut object, "hosts", hosts.as_ref().map(|hosts| json!(hosts))),
        SettingKind::Url { default, placeholder } | SettingKind::Email { default, placeholder } => {
            put(&mut object, "default", default.as_deref());
            put(&mut object, "placeholder", placeholder.as_deref());
        }
    }
    Value::Object(object)
}

/// Whole numbers without a decimal point, as authors write them.
fn number_json(number: f64) -> Value {
    let integer = number as i64;
    if integer as f64 == number { json!(integer) } else { json!(number) }
}
