//! Bundles: a plugin release as one gzipped tar archive (plugin contract §1.1–§1.3).

mod archive;
mod path;
mod write;

use emdash_types::{Error, ErrorCode, Result};
use sha2::{Digest, Sha256};

use crate::{Manifest, Migration, PluginCode, imports};

/// Limits of a bundle. All are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleLimits {
    /// The archive as it travels.
    pub compressed_bytes: usize,
    /// The unpacked tar stream, headers and padding included.
    pub unpacked_bytes: usize,
    /// One file.
    pub file_bytes: usize,
    /// Tar entries, directories included.
    pub entries: usize,
    /// Screenshots.
    pub screenshots: usize,
    /// A component, in a bundle that carries one; beside it the limits above hold for the rest.
    pub component_bytes: usize,
    /// The archive of a bundle with a component, as it travels.
    pub component_compressed_bytes: usize,
}

impl BundleLimits {
    /// What a site installs (plugin contract §1.3). A marketplace that takes more publishes what nobody can
    /// install, so it uses the same. Upstream's bundler stops at 128 KiB per file, its hosts do not; some
    /// published bundles are larger, so only the total counts here.
    pub const STANDARD: Self = Self {
        compressed_bytes: 512 * 1024,
        unpacked_bytes: 262_144,
        file_bytes: 262_144,
        entries: 32,
        screenshots: 8,
        component_bytes: 4 * 1024 * 1024,
        component_compressed_bytes: 2 * 1024 * 1024,
    };
}

/// A picture of the plugin at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screenshot {
    /// The file name, without folder.
    pub name: String,
    /// PNG or JPEG.
    pub bytes: Vec<u8>,
}

/// A checked bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// What it declares.
    pub manifest: Manifest,
    /// The manifest's file name, which decides its form.
    pub manifest_file: &'static str,
    /// The manifest as written.
    pub manifest_bytes: Vec<u8>,
    /// The module `backend.js`, or the component the manifest names.
    pub code: PluginCode,
    /// `README.md`.
    pub readme: Option<String>,
    /// `icon.png`.
    pub icon: Option<Vec<u8>>,
    /// The migrations of its database, in order; empty without one.
    pub migrations: Vec<Migration>,
    /// `screenshots/*`, by name.
    pub screenshots: Vec<Screenshot>,
    /// Lower-case hex SHA-256 of the compressed bytes.
    pub checksum: String,
    /// Compressed size in bytes.
    pub size: usize,
}

const CODE_FILE: &str = "backend.js";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const WASM: &[u8] = b"\0asm";
const JPEG: &[u8] = b"\xff\xd8\xff";

impl Bundle {
    /// Unpacks and checks an archive. Nothing is written anywhere; unpacking stops at the first byte over a limit.
    ///
    /// # Errors
    /// `BUNDLE_EXTRACT_FAILED` where it is no readable archive, `INVALID_BUNDLE` where it breaks a rule,
    /// `INVALID_MANIFEST` with every issue of the manifest.
    pub fn read(compressed: &[u8], limits: &BundleLimits) -> Result<Self> {
        let archive::Unpacked { mut files, within_standard } = archive::unpack(compressed, limits)?;
        let present: Vec<_> =
            Manifest::FILE_NAMES.into_iter().filter(|name| files.contains_key(*name)).collect();
        let manifest_file = match present.as_slice() {
            [name] => *name,
            [] => return Err(invalid("Invalid bundle: missing manifest.json")),
            several => {
                let several = several.join(" and ");
                return Err(invalid(format!("Invalid bundle: it carries {several}; keep one manifest")));
            }
        };
        let manifest_bytes = files.remove(manifest_file).unwrap_or_default();
        let code = files.remove(CODE_FILE);
        let manifest = Manifest::read(&manifest_bytes, manifest_file)?;
        let code = match &manifest.wasm {
            Some(name) => component(&mut files, name, code.is_some())?,
            None => {
                within_standard?;
                module(code.ok_or_else(|| invalid("Invalid bundle: missing backend.js"))?)?
            }
        };
        let icon = files.remove("icon.png");
        if icon.as_ref().is_some_and(|bytes| !bytes.starts_with(PNG)) {
            return Err(invalid("Invalid bundle: icon.png is not a PNG image"));
        }
        let migrations = migrations(&manifest, &mut files)?;
        Ok(Self {
            manifest,
            migrations,
            manifest_file,
            manifest_bytes,
            code,
            readme: files.remove("README.md").map(into_text),
            icon,
            screenshots: screenshots(files, limits)?,
            checksum: Self::checksum(compressed),
            size: compressed.len(),
        })
    }

    /// The checksum of an archive: lower-case hex SHA-256 of the compressed bytes.
    #[must_use]
    pub fn checksum(compressed: &[u8]) -> String {
        Sha256::digest(compressed).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidBundle, message)
}

/// Text files are UTF-8; what is not is shown as such (plugin contract §1.1).
fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn module(bytes: Vec<u8>) -> Result<PluginCode> {
    let code = into_text(bytes);
    refuse_node_imports(&code)?;
    Ok(PluginCode::module(&code))
}

/// The component the manifest names. Nothing else in the bundle may be code.
fn component(files: &mut archive::Files, name: &str, module_too: bool) -> Result<PluginCode> {
    if module_too {
        return Err(invalid(format!(
            "Invalid bundle: it carries {CODE_FILE} and {name}; one of them can run"
        )));
    }
    let component = files.remove(name).ok_or_else(|| invalid(format!("Invalid bundle: missing {name}")))?;
    if let Some(other) = files.keys().find(|path| archive::is_component(path.as_bytes())) {
        return Err(invalid(format!("Invalid bundle: it carries {name} and {other}; one of them can run")));
    }
    if !component.starts_with(WASM) {
        return Err(invalid(format!("Invalid bundle: {name} is not a Wasm file")));
    }
    Ok(PluginCode::Component(component.into()))
}

/// No plugin has Node.js. Other imports are left to the engine, which knows the modules it serves.
fn refuse_node_imports(code: &str) -> Result<()> {
    match imports(code).into_iter().find(|import| import.specifier.starts_with("node:")) {
        None => Ok(()),
        Some(import) => {
            let (specifier, line, column) = (import.specifier, import.line, import.column);
            let message =
                format!("{CODE_FILE}:{line}:{column}: imports \"{specifier}\"; plugins run without Node.js");
            Err(invalid(message)
                .hint("Use the ctx API and web standards, or bundle a library that does not need Node.js."))
        }
    }
}

/// The `.sql` files of the declared folder. Files below it are none of ours.
fn migrations(manifest: &Manifest, files: &mut archive::Files) -> Result<Vec<Migration>> {
    let Some(database) = &manifest.database else { return Ok(Vec::new()) };
    let prefix = format!("{}/", database.migrations);
    let is_ours = |path: &str| path.strip_prefix(&prefix).is_some_and(|name| !name.contains('/'));
    let paths: Vec<String> =
        files.keys().filter(|path| is_ours(path) && path.ends_with(".sql")).cloned().collect();
    let take = |path: String| {
        Migration::read(path.strip_prefix(&prefix).unwrap_or(&path), files.remove(&path).unwrap_or_default())
    };
    let migrations: Vec<Migration> = paths.into_iter().map(take).collect::<Result<_>>()?;
    let number = |migration: &Migration| migration.name.get(..4).map(str::to_owned);
    match migrations.windows(2).find(|pair| number(&pair[0]) == number(&pair[1])) {
        Some(pair) => {
            let (one, other) = (&pair[0].name, &pair[1].name);
            Err(invalid(format!("Invalid bundle: the migrations {one:?} and {other:?} have the same number")))
        }
        None => Ok(migrations),
    }
}

fn screenshots(files: archive::Files, limits: &BundleLimits) -> Result<Vec<Screenshot>> {
    let mut screenshots = Vec::new();
    for (path, bytes) in files {
        let Some(name) = path.strip_prefix("screenshots/").filter(|name| !name.contains('/')) else {
            continue;
        };
        let signature =
            match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
                Some("png") => PNG,
                Some("jpg" | "jpeg") => JPEG,
                _ => continue,
            };
        if !bytes.starts_with(signature) {
            return Err(invalid(format!("Invalid bundle: {path} is not the image its name says")));
        }
        screenshots.push(Screenshot { name: name.to_owned(), bytes });
    }
    if screenshots.len() > limits.screenshots {
        let (count, most) = (screenshots.len(), limits.screenshots);
        return Err(invalid(format!("Invalid bundle: {count} screenshots; at most {most} are taken")));
    }
    Ok(screenshots)
}
