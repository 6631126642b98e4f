//! `emdash plugin bundle`: from a plugin's folder to the archive a marketplace takes (plugin contract §1.10).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use emdash_manifest::{AuthoringManifest, Bundle, BundleLimits, Manifest, imports};
use emdash_ports::runtime::{EntryShape, PluginCode, PluginRuntime};
use emdash_sandbox::componentise;
use emdash_types::{Error, ErrorCode, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::limits::preparation;
use crate::sandbox::temporary_sandbox;

/// Modules the host serves; every other import has to be bundled in beforehand.
const SERVED: [&str; 2] = ["emdash", "emdash/plugin"];

/// A written bundle.
#[derive(Debug, Serialize)]
pub struct BundleResult {
    /// Where it is.
    pub path: String,
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file, lower-case hex.
    pub checksum: String,
    /// Bytes of the file.
    pub size: usize,
    /// Hooks it answers.
    pub hooks: Vec<String>,
    /// Routes it answers.
    pub routes: Vec<String>,
    /// What it asks for, in plain words.
    pub access: Vec<String>,
    /// What its author should know.
    pub notes: Vec<String>,
}

impl fmt::Display for BundleResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} → {} ({} bytes)", self.id, self.version, self.path, self.size)?;
        writeln!(f, "sha256 {}", self.checksum)?;
        writeln!(f, "hooks: {}", self.hooks.join(", "))?;
        write!(f, "routes: {}", self.routes.join(", "))?;
        for line in &self.access {
            write!(f, "\n· {line}")?;
        }
        for note in &self.notes {
            write!(f, "\nnote: {note}")?;
        }
        Ok(())
    }
}

/// The folder as found: its manifest, still without hooks and routes where the module has them, and its module.
struct Folder {
    manifest: Manifest,
    /// Whether the manifest says itself which hooks and routes there are.
    complete: bool,
    /// The manifest file to pack as it stands; otherwise `manifest.json` is written.
    keep: Option<(&'static str, Vec<u8>)>,
    code: PluginCode,
}

/// Bundles a folder. The module is evaluated in the sandbox to learn its hooks and routes; nothing of it runs
/// outside.
///
/// # Errors
/// `INVALID_MANIFEST` with file, line and column; `INVALID_BUNDLE` naming a missing file or an import that was
/// not bundled in; `PLUGIN_START_FAILED`.
pub async fn bundle(directory: &Path, out: Option<PathBuf>) -> Result<BundleResult> {
    let (archive, checked) = build(directory, temporary_sandbox()?.as_ref()).await?;
    let manifest = &checked.manifest;
    let path = out.unwrap_or_else(|| PathBuf::from(format!("{}-{}.tar.gz", manifest.id, manifest.version)));
    fs::write(&path, &archive).map_err(|error| unreadable(&path, &error))?;
    Ok(BundleResult {
        path: path.display().to_string(),
        id: manifest.id.to_string(),
        version: manifest.version.to_string(),
        checksum: checked.checksum,
        size: checked.size,
        hooks: manifest.hooks.iter().map(|declaration| declaration.hook.to_string()).collect(),
        routes: manifest.routes.iter().map(|route| route.name.clone()).collect(),
        access: emdash_plugins::consent_lines(manifest),
        notes: notes(manifest),
    })
}

/// Builds the bundle of a folder: the archive, and what it reads as.
///
/// # Errors
/// As [`bundle`].
pub(super) async fn build(directory: &Path, runtime: &dyn PluginRuntime) -> Result<(Vec<u8>, Bundle)> {
    let mut folder = open(directory, runtime).await?;
    if let PluginCode::Module(code) = &folder.code {
        refuse_imports(code)?;
    }
    let source = preparation(&folder.manifest.label(), folder.code.clone());
    let shape = runtime.prepare(source).await?.entry().clone();
    reconcile(&mut folder, &shape)?;
    let archive = pack(directory, &folder)?;
    // Reading it back applies every rule a marketplace and a site apply.
    let checked = Bundle::read(&archive, &BundleLimits::STANDARD)?;
    Ok((archive, checked))
}

async fn open(directory: &Path, runtime: &dyn PluginRuntime) -> Result<Folder> {
    for name in Manifest::FILE_NAMES {
        if let Some(bytes) = read_optional(&directory.join(name))? {
            let manifest = Manifest::read(&bytes, name)?;
            let code = code(directory, &manifest)?;
            return Ok(Folder { manifest, complete: true, keep: Some((name, bytes)), code });
        }
    }
    let package = package_json(directory)?.ok_or_else(|| nothing_to_bundle(directory))?;
    let code = entry_code(directory, &package)?;
    let manifest = match read_optional(&directory.join(AuthoringManifest::FILE_NAME))? {
        Some(bytes) => {
            let version = package.get("version").and_then(Value::as_str);
            AuthoringManifest::read(&bytes, AuthoringManifest::FILE_NAME)?.into_manifest(version)?
        }
        None => described(directory, &package, runtime).await?,
    };
    Ok(Folder { manifest, complete: false, keep: None, code })
}

/// The component the manifest names, made one where it is still a core module; else the module.
fn code(directory: &Path, manifest: &Manifest) -> Result<PluginCode> {
    if let Some(name) = &manifest.wasm {
        let component = componentise(&read(&directory.join(name))?)?;
        return Ok(PluginCode::Component(component.into()));
    }
    match read_optional(&directory.join("backend.js"))? {
        Some(code) => Ok(PluginCode::module(&text(code))),
        None => entry_code(directory, &package_json(directory)?.unwrap_or_default()),
    }
}

/// A legacy package computes its descriptor: its main module exports one function that returns it.
async fn described(directory: &Path, package: &Value, runtime: &dyn PluginRuntime) -> Result<Manifest> {
    let main = package.get("main").and_then(Value::as_str).unwrap_or("index.js");
    let code = text(read(&directory.join(main))?);
    let descriptor = runtime.describe(preparation(main, PluginCode::module(&code))).await?;
    let mut manifest = Manifest::from_package_descriptor(&descriptor, main)?;
    let member = |key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    manifest.description = manifest.description.or_else(|| member("description"));
    manifest.listing.license = manifest.listing.license.or_else(|| member("license"));
    Ok(manifest)
}

/// The module behind `exports["./sandbox"]`, as published plugins name it.
fn entry_code(directory: &Path, package: &Value) -> Result<PluginCode> {
    let target = package.pointer("/exports/.~1sandbox");
    let path = target.and_then(|target| target.as_str().or_else(|| target.get("import")?.as_str()));
    let path = path.ok_or_else(|| {
        Error::new(ErrorCode::InvalidBundle, "package.json names no sandbox module.")
            .hint("Add \"exports\": {\"./sandbox\": \"./dist/plugin.mjs\"}, or put the module at backend.js.")
    })?;
    if Path::new(path).components().any(|part| matches!(part, std::path::Component::ParentDir)) {
        return Err(Error::new(
            ErrorCode::InvalidBundle,
            format!("package.json: \"{path}\" leaves the folder."),
        ));
    }
    Ok(PluginCode::module(&text(read(&directory.join(path))?)))
}

fn refuse_imports(code: &str) -> Result<()> {
    let foreign = imports(code).into_iter().filter(|import| !SERVED.contains(&import.specifier.as_str()));
    let issues: Vec<Value> = foreign
        .map(|import| {
            let message = format!("imports \"{}\", which is not bundled in", import.specifier);
            json!({"file": "backend.js", "line": import.line, "column": import.column, "message": message})
        })
        .collect();
    if issues.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::InvalidBundle, format!("The module has {} imports that no host serves.", issues.len()))
        .hint("Bundle the module into one file first, for instance: npx esbuild src/plugin.ts --bundle --format=esm --external:emdash --outfile=backend.js")
        .details(json!({"issues": issues})))
}

fn reconcile(folder: &mut Folder, shape: &EntryShape) -> Result<()> {
    let merged =
        if folder.complete { folder.manifest.merge_entry(shape) } else { folder.manifest.adopt_entry(shape) };
    merged.map_err(|problems| {
        let issues: Vec<Value> = problems.iter().map(|message| json!({"message": message})).collect();
        Error::new(ErrorCode::InvalidBundle, "The module does not fit its manifest.")
            .details(json!({"issues": issues}))
    })
}

fn pack(directory: &Path, folder: &Folder) -> Result<Vec<u8>> {
    let (name, manifest) = match &folder.keep {
        Some((name, bytes)) => (*name, bytes.clone()),
        None => ("manifest.json", folder.manifest.to_bundle_json().into_bytes()),
    };
    let code_file = folder.manifest.wasm.as_deref().unwrap_or("backend.js");
    let mut files = vec![(name.to_owned(), manifest), (code_file.to_owned(), folder.code.bytes().to_vec())];
    for extra in ["README.md", "icon.png"] {
        if let Some(bytes) = read_optional(&directory.join(extra))? {
            files.push((extra.to_owned(), bytes));
        }
    }
    for entry in fs::read_dir(directory.join("screenshots")).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if [".png", ".jpg", ".jpeg"].iter().any(|ending| file.ends_with(ending)) {
            files.push((format!("screenshots/{file}"), read(&entry.path())?));
        }
    }
    if let Some(database) = &folder.manifest.database {
        for entry in fs::read_dir(directory.join(&database.migrations)).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            if file.ends_with(".sql") {
                files.push((format!("{}/{file}", database.migrations), read(&entry.path())?));
            }
        }
    }
    Bundle::write(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

fn notes(manifest: &Manifest) -> Vec<String> {
    let missing = manifest.hooks_without_capability();
    missing
        .map(|(hook, capability)| {
            format!(
                "{hook} runs with less than its full event: the manifest does not declare {}.",
                capability.name()
            )
        })
        .collect()
}

fn package_json(directory: &Path) -> Result<Option<Value>> {
    let Some(bytes) = read_optional(&directory.join("package.json"))? else { return Ok(None) };
    let parsed = serde_json::from_slice(&bytes);
    parsed.map(Some).map_err(|error| {
        let issue = json!({"file": "package.json", "line": error.line(), "column": error.column(), "message": error.to_string()});
        Error::new(ErrorCode::InvalidManifest, "package.json is not valid JSON.").details(json!({"issues": [issue]}))
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn read_optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorCode::InvalidBundle, format!("{}: {error}.", path.display()))
}

fn nothing_to_bundle(directory: &Path) -> Error {
    Error::new(ErrorCode::InvalidBundle, format!("{} holds no plugin.", directory.display()))
        .hint("A plugin's folder has plugin.json, manifest.json or emdash-plugin.jsonc beside its module, or is an npm package of one.")
}
