//! `admin`: pages, widgets, settings and field widgets (plugin contract §1.5).

use super::access;
use super::source::{Fields, Node};
use crate::{Admin, AdminPage, AdminWidget, FieldWidget, ManifestForm, Setting, SettingKind, WidgetSize};

const MAX_PAGES: usize = 32;
const MAX_WIDGETS: usize = 32;
const MAX_SETTINGS: usize = 128;
const MAX_OPTIONS: usize = 256;
const MAX_ELEMENTS: usize = 64;
const MAX_LABEL: usize = 128;
const MAX_ICON: usize = 64;
const MAX_KEY: usize = 128;
const MAX_TEXT: usize = 2_000;

/// The types of content fields a widget can edit.
const FIELD_TYPES: [&str; 15] = [
    "string",
    "text",
    "number",
    "integer",
    "boolean",
    "datetime",
    "select",
    "multiSelect",
    "portableText",
    "image",
    "file",
    "reference",
    "json",
    "slug",
    "repeater",
];

pub(super) fn read(node: &Node<'_>) -> Admin {
    let Some(fields) = node.object() else { return Admin::default() };
    fields.only(&["pages", "widgets", "settingsSchema", "fieldWidgets"]);
    Admin {
        pages: fields.optional("pages").map(|node| pages(&node)).unwrap_or_default(),
        widgets: fields.optional("widgets").map(|node| widgets(&node)).unwrap_or_default(),
        settings: fields.optional("settingsSchema").map(|node| settings(&node)).unwrap_or_default(),
        field_widgets: fields.optional("fieldWidgets").map(|node| field_widgets(&node)).unwrap_or_default(),
    }
}

pub(super) fn pages(node: &Node<'_>) -> Vec<AdminPage> {
    let read = |item: &Node<'_>| {
        let fields = item.object()?;
        fields.only(&["path", "label", "icon"]);
        let path = fields.required("path").and_then(|node| page_path(&node));
        let label = fields.required("label").and_then(|node| node.line(MAX_LABEL));
        let icon = fields.optional("icon").and_then(|node| node.line(MAX_ICON));
        Some(AdminPage { path: path?, label: label?, icon })
    };
    node.items(MAX_PAGES).iter().filter_map(read).collect()
}

/// Bundles may use any path with a leading slash; authoring files follow the stricter rule of §1.9.
fn page_path(node: &Node<'_>) -> Option<String> {
    let strict = node.form() == ManifestForm::Authoring;
    node.matching(MAX_LABEL, "a page path is a slash, then letters, digits, /, _ and -", |text| {
        let rest = text.strip_prefix('/').unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
        if strict {
            return rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && rest.chars().all(plain);
        }
        text.starts_with('/') && text.split('/').all(|part| part != "..") && !text.contains(['\\', '?', '#'])
    })
}

pub(super) fn widgets(node: &Node<'_>) -> Vec<AdminWidget> {
    let read = |item: &Node<'_>| {
        let fields = item.object()?;
        fields.only(&["id", "size", "title"]);
        let id = fields.required("id").and_then(|node| node.line(MAX_ICON));
        let size = fields.optional("size").and_then(|node| {
            let find = |name: &str| WidgetSize::ALL.into_iter().find(|size| size.name() == name);
            node.known("widget size", find, WidgetSize::ALL.map(WidgetSize::name))
        });
        let title = fields.optional("title").and_then(|node| node.line(MAX_LABEL));
        Some(AdminWidget { id: id?, size, title })
    };
    node.items(MAX_WIDGETS).iter().filter_map(read).collect()
}

fn settings(node: &Node<'_>) -> Vec<Setting> {
    let read = |(key, node): (String, Node<'_>)| {
        if key.is_empty() || key.chars().count() > MAX_KEY || key.chars().any(char::is_control) {
            node.fail(format!("a setting's key has 1 to {MAX_KEY} characters, without control characters"));
        }
        let fields = node.object()?;
        let label = fields.required("label").and_then(|node| node.line(MAX_LABEL));
        let description = fields.optional("description").and_then(|node| node.text(MAX_TEXT));
        let kind = setting_kind(&fields);
        Some(Setting { key, label: label?, description, kind: kind? })
    };
    node.entries(MAX_SETTINGS).into_iter().filter_map(read).collect()
}

fn setting_kind(fields: &Fields<'_>) -> Option<SettingKind> {
    const KINDS: [&str; 7] = ["string", "number", "boolean", "select", "secret", "url", "email"];
    let find = |name: &str| KINDS.into_iter().find(|kind| *kind == name);
    let kind = fields.required("type")?.known("setting type", find, KINDS)?;
    let text = |key: &str| fields.optional(key).and_then(|node| node.text(MAX_TEXT));
    let number = |key: &str| fields.optional(key).and_then(|node| node.number());
    let allow = |keys: &[&'static str]| fields.only(&[&["type", "label", "description"], keys].concat());
    Some(match kind {
        "string" => {
            allow(&["default", "multiline"]);
            SettingKind::String { default: text("default"), multiline: fields.flag("multiline") }
        }
        "number" => {
            allow(&["default", "min", "max"]);
            SettingKind::Number { default: number("default"), min: number("min"), max: number("max") }
        }
        "boolean" => {
            allow(&["default"]);
            SettingKind::Boolean { default: fields.optional("default").and_then(|node| node.boolean()) }
        }
        "select" => {
            allow(&["default", "options"]);
            let options = fields.required("options")?.items(MAX_OPTIONS).iter().filter_map(option).collect();
            SettingKind::Select { options, default: text("default") }
        }
        "url" => {
            allow(&["default", "placeholder"]);
            SettingKind::Url { default: text("default"), placeholder: text("placeholder") }
        }
        "email" => {
            allow(&["default", "placeholder"]);
            SettingKind::Email { default: text("default"), placeholder: text("placeholder") }
        }
        _ => {
            allow(&["hosts"]);
            SettingKind::Secret { hosts: fields.optional("hosts").map(|node| access::hosts(&node)) }
        }
    })
}

fn option(node: &Node<'_>) -> Option<(String, String)> {
    let fields = node.object()?;
    let value = fields.required("value").and_then(|node| node.text(MAX_LABEL));
    let label = fields.required("label").and_then(|node| node.text(MAX_LABEL));
    Some((value?, label?))
}

fn field_widgets(node: &Node<'_>) -> Vec<FieldWidget> {
    let read = |item: &Node<'_>| {
        let fields = item.object()?;
        fields.only(&["name", "label", "fieldTypes", "elements"]);
        let name = fields.required("name").and_then(|node| node.line(MAX_KEY));
        let label = fields.required("label").and_then(|node| node.line(MAX_LABEL));
        let field_types = fields.required("fieldTypes").map(|node| {
            let find = |name: &str| FIELD_TYPES.into_iter().find(|kind| *kind == name).map(str::to_owned);
            let read = |item: &Node<'_>| item.known("field type", find, FIELD_TYPES);
            node.items(FIELD_TYPES.len()).iter().filter_map(read).collect()
        });
        let elements = fields.optional("elements").map(|node| elements(&node)).unwrap_or_default();
        Some(FieldWidget { name: name?, label: label?, field_types: field_types?, elements })
    };
    node.items(MAX_WIDGETS).iter().filter_map(read).collect()
}

fn elements(node: &Node<'_>) -> Vec<serde_json::Value> {
    let read = |item: &Node<'_>| {
        let fields = item.object()?;
        // Element keys are Block Kit's own, snake case in every form.
        fields.required("type")?.line(MAX_ICON)?;
        fields.required("action_id")?.line(MAX_KEY)?;
        Some(item.json())
    };
    node.items(MAX_ELEMENTS).iter().filter_map(read).collect()
}
