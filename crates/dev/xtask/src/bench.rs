//! `cargo xtask bench`.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::machine;
use crate::run::{cargo, root, step};

/// Builds for speed, measures the sandbox and the whole program, and prints one JSON value.
pub fn bench() -> Result<()> {
    machine::wanted("nginx", "nginx-light")?;
    machine::wanted("wrk", "wrk")?;
    step(
        "build for speed",
        cargo().args(["build", "--release", "--locked", "--package", "emdash", "--package", "emdash-bench"]),
    )?;
    step(
        "build the sandbox measurement",
        cargo().args([
            "build",
            "--release",
            "--locked",
            "--package",
            "emdash-sandbox",
            "--example",
            "measure",
        ]),
    )?;
    let release = root().join("target/release");
    let peers = root().join("benches/npm");
    machine::npm_packages(&peers)?;
    let exported = root().join("target/bench-workloads");
    step(
        "export the workloads",
        Command::new(release.join("examples/measure")).arg("--export").arg(&exported),
    )?;
    let sandbox = json_of(&mut Command::new(release.join("examples/measure")))?;
    let workerd = json_of(
        Command::new(release.join("emdash-bench"))
            .arg("workerd")
            .arg(peers.join("node_modules/.bin/workerd"))
            .arg(&exported),
    )?;
    let program = json_of(Command::new(release.join("emdash-bench")).arg(release.join("emdash")))?;
    println!(
        "{}",
        serde_json::to_string_pretty(&json!({"sandbox": sandbox, "workerd": workerd, "program": program}))?
    );
    Ok(())
}

fn json_of(command: &mut Command) -> Result<Value> {
    let output = command.current_dir(root()).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{:?} failed ({})", command.get_program(), output.status);
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{:?} printed no JSON", command.get_program()))
}
