//! `cargo xtask serve`.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{cargo, root, step};

/// What `serve` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Where everything is kept.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:4321")]
    listen: String,
    /// Build for speed (takes minutes the first time).
    #[arg(long)]
    release: bool,
    /// More arguments for `emdash serve`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds the binary and becomes it.
pub fn serve(options: &Options) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--package", "emdash", "--bin", "emdash"]);
    if options.release {
        build.arg("--release");
    }
    step("build emdash (minutes the first time, then a moment)", &mut build)?;
    let profile = if options.release { "release" } else { "debug" };
    let binary = root().join("target").join(profile).join("emdash");
    let mut serve = Command::new(&binary);
    serve
        .arg("serve")
        .arg("--data")
        .arg(&options.data)
        .args(["--listen", &options.listen])
        .args(&options.rest);
    Err(serve.exec()).with_context(|| format!("{} cannot be started", binary.display()))
}
