//! Running other programs, with progress a person can follow.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).unwrap_or(here).to_path_buf()
}

/// Cargo, as it was called.
pub fn cargo() -> Command {
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command.current_dir(root());
    command
}

/// Runs a step and says how long it took; a failure names the step.
pub fn step(name: &str, command: &mut Command) -> Result<()> {
    println!("▸ {name}");
    let started = Instant::now();
    let status = command.status().with_context(|| format!("{name}: {} cannot be started", shown(command)))?;
    if !status.success() {
        bail!("{name} failed ({status}). The command was: {}", shown(command));
    }
    println!("  {name}: done in {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// Whether a program can be started.
pub fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
