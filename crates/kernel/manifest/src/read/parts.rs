//! Parts that several forms share.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use emdash_types::PluginId;
use semver::Version;

use super::source::{Fields, Node};
use crate::suggest::unknown;
use crate::{Budgets, DatabaseDeclaration, Hook, HookDeclaration, Listing, ManifestForm, StorageCollection};

const MAX_HOOKS: usize = 64;
const MAX_COLLECTIONS: usize = 64;
const MAX_INDEXES: usize = 32;
const MAX_INDEX_FIELDS: usize = 8;
pub(super) const MAX_NAME: usize = 128;
const MAX_TITLE: usize = 100;
pub(super) const MAX_DESCRIPTION: usize = 1_000;
const MAX_CHANGELOG: usize = 20_000;
const MAX_KEYWORDS: usize = 20;
const MAX_URL: usize = 1_024;
const MAX_VERSION: usize = 64;

/// `id` and `version`.
pub(super) fn identity(fields: &Fields<'_>) -> Option<(PluginId, Version)> {
    let id = fields.required("id").and_then(|node| plugin_id(&node));
    let version = fields.required("version").and_then(|node| version(&node));
    Some((id?, version?))
}

pub(super) fn plugin_id(node: &Node<'_>) -> Option<PluginId> {
    let text = node.line(MAX_NAME)?;
    PluginId::parse(&text).map_err(|error| node.fail(error.to_string())).ok()
}

/// A release: semver, prerelease allowed, build metadata not (plugin contract §1.8).
pub(super) fn version(node: &Node<'_>) -> Option<Version> {
    let text = node.line(MAX_VERSION)?;
    parse_version(&text).map_err(|message| node.fail(message)).ok()
}

pub(super) fn parse_version(text: &str) -> Result<Version, String> {
    let version = Version::parse(text)
        .map_err(|error| format!("\"{text}\" is not a version like 1.2.3 or 1.2.3-beta.1: {error}"))?;
    if !version.build.is_empty() {
        return Err(format!("\"{text}\" carries build metadata; leave out everything from the +"));
    }
    Ok(version)
}

/// The oldest host; `>=1.2.3` says the same as `1.2.3`.
pub(super) fn minimum_host(node: &Node<'_>) -> Option<Version> {
    let text = node.line(MAX_VERSION)?;
    let plain = text.trim().trim_start_matches(">=").trim();
    parse_version(plain).map_err(|message| node.fail(message)).ok()
}

pub(super) fn name(fields: &Fields<'_>) -> Option<String> {
    fields.optional("name").and_then(|node| node.line(MAX_TITLE))
}

pub(super) fn description(fields: &Fields<'_>) -> Option<String> {
    fields.optional("description").and_then(|node| node.text(MAX_DESCRIPTION))
}

pub(super) fn listing(fields: &Fields<'_>) -> Listing {
    Listing {
        license: fields.optional("license").and_then(|node| node.line(MAX_NAME)),
        keywords: fields.optional("keywords").map(|node| keywords(&node, MAX_KEYWORDS)).unwrap_or_default(),
        repository_url: fields.optional("repositoryUrl").and_then(|node| web_url(&node)),
        homepage_url: fields.optional("homepageUrl").and_then(|node| web_url(&node)),
        changelog: fields.optional("changelog").and_then(|node| node.text(MAX_CHANGELOG)),
    }
}

pub(super) fn keywords(node: &Node<'_>, max: usize) -> Vec<String> {
    node.items(max).iter().filter_map(|item| item.line(MAX_NAME)).collect()
}

pub(super) fn web_url(node: &Node<'_>) -> Option<String> {
    node.matching(MAX_URL, "write a URL that begins with https:// or http://", |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && !text.contains(char::is_whitespace))
    })
}

/// `runtime.wasm`: the component in the bundle that runs instead of `backend.js` (C36).
pub(super) fn runtime(node: &Node<'_>) -> Option<String> {
    let fields = node.object()?;
    fields.only(&["wasm"]);
    wasm(&fields)
}

/// `wasm` of `runtime`.
pub(super) fn wasm(runtime: &Fields<'_>) -> Option<String> {
    let rule = "write the name of a file in the bundle: letters, digits, -, _ and ., with .wasm at its end";
    runtime.optional("wasm")?.matching(MAX_TITLE, rule, |name| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(plain)
            && name.ends_with(".wasm")
    })
}

/// Storage collections. Their names are free text on the wire; an authoring file takes identifiers only.
pub(super) fn storage(node: &Node<'_>) -> BTreeMap<String, StorageCollection> {
    let mut collections = BTreeMap::new();
    for (name, node) in node.entries(MAX_COLLECTIONS) {
        let length = name.chars().count();
        if name.is_empty() || length > MAX_NAME || name.chars().any(char::is_control) {
            node.fail(format!(
                "a collection name has 1 to {MAX_NAME} characters, without control characters"
            ));
        }
        if node.form() == ManifestForm::Authoring && !is_collection_name(&name) {
            node.fail("a collection name is a lower-case letter, then lower-case letters, digits and _");
        }
        let Some(fields) = node.object() else { continue };
        fields.only(&["indexes", "uniqueIndexes"]);
        let indexes = fields.required("indexes").map(|node| indexes(&node)).unwrap_or_default();
        let unique_indexes = fields.optional("uniqueIndexes").map(|node| self::indexes(&node));
        let unique_indexes = unique_indexes.unwrap_or_default();
        collections.insert(name, StorageCollection { indexes, unique_indexes });
    }
    collections
}

/// The plugin's own database.
pub(super) fn database(node: &Node<'_>) -> Option<DatabaseDeclaration> {
    let fields = node.object()?;
    fields.only(&["migrations"]);
    let folder = |node: Node<'_>| {
        let rule = "write a folder of the bundle, such as migrations/";
        node.matching(MAX_NAME, rule, |text| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let parts = text.strip_suffix('/').unwrap_or(text).split('/');
            parts.into_iter().all(|part| !part.is_empty() && part.chars().all(plain))
        })
    };
    let migrations = match fields.optional("migrations") {
        Some(node) => folder(node)?.trim_end_matches('/').to_owned(),
        None => DatabaseDeclaration::FOLDER.to_owned(),
    };
    Some(DatabaseDeclaration { migrations })
}

fn is_collection_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn indexes(node: &Node<'_>) -> Vec<Vec<String>> {
    let read = |item: &Node<'_>| {
        let fields: Vec<_> = if item.is_string() { vec![item.clone()] } else { item.items(MAX_INDEX_FIELDS) };
        if fields.is_empty() {
            item.fail("an index needs at least one field");
        }
        fields.iter().filter_map(field_name).collect()
    };
    node.items(MAX_INDEXES).iter().map(read).collect()
}

fn field_name(node: &Node<'_>) -> Option<String> {
    node.matching(MAX_NAME, "a field name is a letter, then letters, digits and _", |text| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn hook(node: &Node<'_>) -> Option<Hook> {
    let names = Hook::ALL.iter().flat_map(|hook| [hook.name(), hook.snake_name()]);
    node.known_or_newer("hook", Hook::by_name, names)
}

/// The words for a hook nobody knows.
pub(crate) fn unknown_hook(name: &str) -> String {
    unknown("hook", name, Hook::ALL.iter().flat_map(|hook| [hook.name(), hook.snake_name()]))
}

/// Hooks as a list of names or objects.
pub(super) fn hooks(node: &Node<'_>) -> Vec<HookDeclaration> {
    let mut seen = BTreeSet::new();
    let mut hooks = Vec::new();
    for item in node.items(MAX_HOOKS) {
        let fields = if item.is_string() { None } else { item.object() };
        let name = match &fields {
            Some(fields) => fields.required("name"),
            None => item.is_string().then(|| item.clone()),
        };
        let Some((hook, name)) = name.and_then(|name| Some((hook(&name)?, name.line(MAX_NAME)?))) else {
            continue;
        };
        if !seen.insert(hook) {
            item.fail(format!("the hook {hook} is declared twice"));
            continue;
        }
        let mut declaration = HookDeclaration::new(hook, name);
        if let Some(fields) = &fields {
            let priority = fields.optional("priority").and_then(|node| node.integer(-1_000_000..=1_000_000));
            let timeout = fields.optional("timeout").and_then(|node| node.integer(1..=i64::from(u32::MAX)));
            declaration.exclusive = fields.flag("exclusive");
            declaration.priority = priority.map_or(declaration.priority, |priority| priority as f64);
            if let Some(milliseconds) = timeout {
                declaration.timeout = hook_timeout(hook, milliseconds.unsigned_abs());
            }
        }
        hooks.push(declaration);
    }
    hooks
}

/// A declared timeout. Bundles may declare more than any runner ever gave them, so the cap is applied in
/// silence.
pub(crate) fn hook_timeout(hook: Hook, milliseconds: u64) -> Duration {
    let cap = if hook.is_background() { Budgets::BACKGROUND_WALL_CAP } else { Budgets::HOOK_WALL_CAP };
    Duration::from_millis(milliseconds).min(cap)
}
