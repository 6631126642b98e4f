//! A theme: a folder of templates and assets over the compiled-in default.

mod asset;
mod embedded;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use emdash_document::render::escape;
use emdash_types::{Error, Result};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, escape_formatter};
use parking_lot::{Mutex, RwLock};
use serde::Serialize;

pub(crate) use asset::Asset;

/// Largest template or asset that is read from a theme's folder.
const MAX_FILE: u64 = 8 * 1024 * 1024;

/// Templates and assets, read again when a file of the folder changes.
pub(crate) struct Theme {
    folder: Option<PathBuf>,
    seen: Mutex<u64>,
    revision: AtomicU64,
    loaded: RwLock<Loaded>,
}

/// What was read from one state of the folder.
struct Loaded {
    templates: Arc<Environment<'static>>,
    assets: Arc<Assets>,
}

type Assets = Mutex<HashMap<String, Arc<Asset>>>;

impl Theme {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let seen = folder.as_deref().map(fingerprint).unwrap_or_default();
        let loaded = RwLock::new(Loaded::of(folder.as_deref()));
        Self { folder, seen: Mutex::new(seen), revision: AtomicU64::new(0), loaded }
    }

    /// A number that grows when a file of the theme has changed: what was rendered before is outdated.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Looks at times and sizes of some twenty files; a change forgets everything that was read.
    pub(crate) fn refresh(&self) {
        let Some(folder) = self.folder.as_deref() else { return };
        let now = fingerprint(folder);
        let mut seen = self.seen.lock();
        if *seen != now {
            *self.loaded.write() = Loaded::of(Some(folder));
            *seen = now;
            self.revision.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Renders the first of these templates that exists.
    pub(crate) fn render(&self, names: &[&str], context: &impl Serialize) -> Result<String> {
        self.refresh();
        let templates = Arc::clone(&self.loaded.read().templates);
        let exists = |name: &&&str| read(self.folder.as_deref(), &format!("templates/{name}")).is_some();
        let name = match names {
            [only] => *only,
            _ => names.iter().find(exists).or(names.last()).copied().unwrap_or_default(),
        };
        let rendered = templates.get_template(name).and_then(|template| template.render(Serde(context)));
        rendered.map_err(|error| {
            let place = format!("{}:{}", error.name().unwrap_or(name), error.line().unwrap_or_default());
            tracing::error!(template = place, error = %error.detail().unwrap_or_default(), kind = %error.kind(), "a template failed");
            Error::internal(error)
        })
    }

    /// The page for a failure, which must not fail itself: always the compiled-in one.
    pub(crate) fn error_page(&self) -> String {
        let templates = Loaded::of(None).templates;
        let rendered = templates.get_template("error.html").and_then(|template| template.render(()));
        rendered.unwrap_or_else(|_| "<!doctype html><title>Something went wrong</title>".to_owned())
    }

    /// An asset by the path in its address, with or without the hash of its content in its name.
    pub(crate) fn asset(&self, path: &str) -> Option<(Arc<Asset>, bool)> {
        self.refresh();
        let assets = Arc::clone(&self.loaded.read().assets);
        if let Some(asset) = lookup(self.folder.as_deref(), &assets, path) {
            return Some((asset, false));
        }
        let (plain, hash) = asset::split_hash(path)?;
        let asset = lookup(self.folder.as_deref(), &assets, &plain)?;
        let current = asset.hash == hash;
        Some((asset, current))
    }
}

impl Loaded {
    fn of(folder: Option<&Path>) -> Self {
        let assets = Arc::new(Assets::default());
        Self { templates: Arc::new(environment(folder.map(Path::to_path_buf), Arc::clone(&assets))), assets }
    }
}

fn environment(folder: Option<PathBuf>, assets: Arc<Assets>) -> Environment<'static> {
    let mut environment = Environment::new();
    // Every template makes HTML, whatever it is called.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_recursion_limit(64);
    // One way of escaping in the whole page; the engine's own makes `&#x2f;` of each slash.
    environment.set_formatter(|out, state, value| match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => out.write_str(&escape(text)).map_err(Into::into),
        None => escape_formatter(out, state, value),
    });
    let templates = folder.clone();
    environment.set_loader(move |name| {
        let Some(bytes) = read(templates.as_deref(), &format!("templates/{name}")) else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let detail = format!("{name} is not UTF-8");
            minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, detail).with_source(error)
        })
    });
    environment.add_function("asset", move |path: String| {
        let hash = lookup(folder.as_deref(), &assets, &path).map(|asset| asset.hash.clone());
        format!("/assets/{}", hash.map_or_else(|| path.clone(), |hash| asset::with_hash(&path, &hash)))
    });
    environment
}

fn lookup(folder: Option<&Path>, assets: &Assets, path: &str) -> Option<Arc<Asset>> {
    if let Some(known) = assets.lock().get(path) {
        return Some(Arc::clone(known));
    }
    let asset = Arc::new(Asset::new(path, read(folder, &format!("assets/{path}"))?));
    assets.lock().insert(path.to_owned(), Arc::clone(&asset));
    Some(asset)
}

/// A file of the folder, or else of the compiled-in theme.
fn read(folder: Option<&Path>, path: &str) -> Option<Vec<u8>> {
    let plain = path
        .split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']));
    if !plain {
        return None;
    }
    let own = folder
        .map(|folder| folder.join(path))
        .filter(|file| std::fs::metadata(file).is_ok_and(|facts| facts.is_file() && facts.len() <= MAX_FILE));
    own.and_then(|file| std::fs::read(file).ok()).or_else(|| embedded::file(path).map(<[u8]>::to_vec))
}

/// Paths, sizes and times of every file in a folder.
fn fingerprint(folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut folders = vec![folder.to_path_buf()];
    let mut sum = 0_u64;
    while let Some(folder) = folders.pop() {
        let Ok(items) = std::fs::read_dir(&folder) else { continue };
        for item in items.flatten() {
            let Ok(facts) = item.metadata() else { continue };
            if facts.is_dir() {
                folders.push(item.path());
            } else {
                let mut file = DefaultHasher::new();
                (item.path(), facts.len(), facts.modified().ok()).hash(&mut file);
                // The order in which a folder lists its files means nothing.
                sum = sum.wrapping_add(file.finish());
            }
        }
    }
    sum.hash(&mut hasher);
    hasher.finish()
}
