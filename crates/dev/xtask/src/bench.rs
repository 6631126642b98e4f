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
    let targets = targets(&sandbox, &workerd);
    println!(
        "{}",
        serde_json::to_string_pretty(
            &json!({"targets": targets, "sandbox": sandbox, "workerd": workerd, "program": program})
        )?
    );
    Ok(())
}

/// The sandbox's targets (docs/benchmarks.md), each with what this run gives. What was not measured is not met.
fn targets(sandbox: &Value, workerd: &Value) -> Value {
    let ours = |at: &str| sandbox.pointer(at).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let theirs = |name: &str| workerd[name]["p50"].as_f64().unwrap_or(f64::NAN);
    let large = |name: &str| ours(&format!("/200 KB/{name}/p50_us"));
    let at_most = |measured: f64, limit: f64| json!({"measured": rounded(measured), "atMost": limit, "met": measured <= limit});
    let at_least = |measured: f64, limit: f64| json!({"measured": rounded(measured), "atLeast": limit, "met": measured >= limit});
    let throughput = &workerd["w1.warm.throughput"]["per_second"];
    json!({
        "noopOfWorkerdFresh": at_most(large("noop") / theirs("noop.fresh"), 1.0 / 50.0),
        "noopOfWorkerdWarm": at_most(large("noop") / theirs("noop.warm"), 0.5),
        "w1OfWorkerdWarm": at_most(large("w1") / theirs("w1.warm"), 1.25),
        "w1OfWorkerdFresh": at_most(large("w1") / theirs("w1.fresh"), 1.0 / 15.0),
        "w1ThroughputOfWorkerdWarm":
            at_least(ours("/company/w1_per_second_all_cores") / throughput.as_f64().unwrap_or(f64::NAN), 1.2),
        "w2OfWorkerdFresh": at_most(large("w2") / theirs("w2.fresh"), 1.0),
        "w2OfWorkerdWarm": at_most(large("w2") / theirs("w2.warm"), 8.0),
        "w3OfWorkerdWarm": at_most(large("w3") / theirs("w3.warm"), 50.0),
        "install5KbMs": at_most(ours("/small/prepare_p50_us") / 1e3, 20.0),
        "install500KbMs": at_most(ours("/500 KB/prepare_p50_us") / 1e3, 150.0),
        "memoryOfLiveInstanceMb": at_most(ours("/company/resident_bytes_per_live_instance_after_w1") / 1e6, 1.0),
        "loopStopBeyondBudgetMs": at_most(ours("/budgets/loop_50ms_stopped_after_ms") - 50.0, 10.0),
        "memoryBombMs": at_most(ours("/budgets/memory_bomb_32mb_ms"), 150.0),
    })
}

/// Three decimals.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn json_of(command: &mut Command) -> Result<Value> {
    let output = command.current_dir(root()).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{:?} failed ({})", command.get_program(), output.status);
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{:?} printed no JSON", command.get_program()))
}
