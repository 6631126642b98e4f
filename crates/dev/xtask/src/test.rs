//! `cargo xtask test`: the cheap checks first, then everything built once and run.

use std::process::Command;

use anyhow::Result;

use crate::generate::generate;
use crate::machine;
use crate::run::{cargo, has, root, step};

/// What `test` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Leave out the browser tests.
    #[arg(long)]
    no_browser: bool,
}

/// Runs everything.
pub fn test(options: &Options) -> Result<()> {
    machine::postgresql()?;
    // Published plugins, which the whole-app tests install and run.
    machine::npm_packages(&root().join("fixtures/npm"))?;
    step("formatting", cargo().args(["fmt", "--all", "--check"]))?;
    generate(true)?;
    step(
        "lints",
        cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny=warnings"]),
    )?;
    if has("cargo-nextest") {
        step("tests", cargo().args(["nextest", "run", "--workspace", "--locked"]))?;
    } else {
        step("tests", cargo().args(["test", "--workspace", "--locked", "--lib", "--bins", "--tests"]))?;
    }
    step("documentation examples", cargo().args(["test", "--workspace", "--locked", "--doc", "--quiet"]))?;
    if options.no_browser { Ok(()) } else { end_to_end() }
}

fn end_to_end() -> Result<()> {
    let folder = root().join("e2e");
    machine::npm_packages(&folder)?;
    let chromium = machine::chromium()?;
    step("build emdash", cargo().args(["build", "--package", "emdash", "--locked"]))?;
    let mut node = Command::new("npm");
    node.args(["test", "--silent"]).current_dir(&folder).env("CHROMIUM", chromium);
    step("browser tests", node.env("EMDASH", root().join("target/debug/emdash")))
}
