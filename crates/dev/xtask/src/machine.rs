//! What the tests need of the machine. What is missing is installed where that is possible.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run::{has, root, step};

/// A browser for the end-to-end tests.
pub fn chromium() -> Result<PathBuf> {
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        if let Some(path) = on_path(name) {
            return Ok(path);
        }
    }
    install("a browser", "chromium")?;
    on_path("chromium").context("chromium was installed, yet there is no program of that name on the PATH")
}

/// A program that a measurement is compared with.
pub fn wanted(program: &str, package: &str) -> Result<()> {
    if on_path(program).is_some() || Path::new("/usr/sbin").join(program).is_file() {
        return Ok(());
    }
    install(program, package)
}

/// A PostgreSQL server for the store tests.
pub fn postgresql() -> Result<()> {
    if on_path("initdb").is_some() || debian_postgresql().is_some() {
        return Ok(());
    }
    install("a PostgreSQL server", "postgresql")?;
    if debian_postgresql().is_none() {
        bail!("postgresql was installed, yet there is no initdb below /usr/lib/postgresql");
    }
    Ok(())
}

/// The npm packages of a folder with a lock file.
pub fn npm_packages(folder: &Path) -> Result<()> {
    if !has("node") || !has("npm") {
        bail!("Node.js 20 or newer with npm is needed for the tests: install it, then run this again.");
    }
    if up_to_date(folder) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    step("install npm packages", &mut npm)
}

/// Whether the packages of the lock file are those last installed: npm writes its own lock beside them.
fn up_to_date(folder: &Path) -> bool {
    let time = |path: PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    let installed = time(folder.join("node_modules/.package-lock.json"));
    installed.is_some() && installed >= time(folder.join("package-lock.json"))
}

fn debian_postgresql() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions.flatten().map(|version| version.path().join("bin/initdb")).find(|path| path.is_file())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let output = Command::new("sh").args(["-c", "command -v -- \"$0\"", program]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| PathBuf::from(text.trim()))
}

fn install(what: &str, package: &str) -> Result<()> {
    let by_hand = format!("Install {what} by hand (Debian: apt-get install {package}), then run this again.");
    if !has("apt-get") {
        bail!("The tests need {what}, and this machine has no apt-get. {by_hand}");
    }
    let root_user = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0"));
    let prefix: &[&str] = if root_user { &[] } else { &["sudo", "--non-interactive"] };
    for (name, arguments) in [
        ("refresh the package list", vec!["apt-get", "update", "--quiet=2"]),
        ("install", vec!["apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", package]),
    ] {
        let words: Vec<&str> = prefix.iter().copied().chain(arguments).collect();
        let Some((program, rest)) = words.split_first() else { continue };
        let mut command = Command::new(program);
        command.args(rest).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).current_dir(root());
        step(&format!("{name} {package}"), &mut command).context(by_hand.clone())?;
    }
    Ok(())
}
