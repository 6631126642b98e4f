//! The sandbox's workloads in workerd, over loopback: a warm isolate, and one made for each call.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Map, Value, json};

use crate::client::{Client, sample};

const CONFIG: &str = include_str!("../../../../benches/workerd/config.capnp");
const MAIN: &str = include_str!("../../../../benches/workerd/main.js");

/// Measures the workloads that `exported` holds as `plugin.js` and `<name>.json`.
pub fn measure(workerd: &Path, exported: &Path) -> Result<Value> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let config = exported.join("config.capnp");
    fs::write(&config, CONFIG.replace("@PORT@", &port.to_string()))?;
    fs::write(exported.join("main.js"), MAIN)?;
    let mut command = Command::new(workerd);
    let mut child = command.args(["serve", "--experimental"]).arg(&config).stderr(Stdio::null()).spawn()?;
    let outcome = drive(&format!("127.0.0.1:{port}"), exported, child.id());
    stop(&mut child);
    outcome
}

fn drive(address: &str, exported: &Path, process: u32) -> Result<Value> {
    let mut client = connect(address)?;
    let mut results = Map::new();
    for (name, warm_runs, fresh_runs) in
        [("noop", 5_000, 200), ("w1", 2_000, 200), ("w2", 200, 50), ("w3", 50, 20)]
    {
        let event = fs::read(exported.join(format!("{name}.json")))?;
        for (kind, runs) in [("warm", warm_runs), ("fresh", fresh_runs)] {
            let path = format!("/{kind}/{name}");
            let measured = sample(runs / 10, runs, |_| {
                let answer = client.request("POST", &path, "application/json", &event)?;
                ensure!(answer.status == 200, "{path} answered {}", answer.status);
                Ok(())
            })?;
            results.insert(format!("{name}.{kind}"), measured);
        }
    }
    let event = fs::read(exported.join("w1.json"))?;
    results.insert("w1.warm.throughput".to_owned(), throughput(address, &event, process)?);
    Ok(Value::Object(results))
}

/// w1 in the warm isolate from four connections at once; the processor time is workerd's own, so that its clients,
/// who share the machine, can be told apart.
fn throughput(address: &str, event: &[u8], process: u32) -> Result<Value> {
    const CLIENTS: usize = 4;
    const LASTS: Duration = Duration::from_secs(3);
    let (began, spent) = (Instant::now(), cpu_time(process)?);
    let counts: Vec<Result<u32>> = std::thread::scope(|scope| {
        let client = || {
            let mut client = connect(address)?;
            let mut calls = 0;
            while began.elapsed() < LASTS {
                let answer = client.request("POST", "/warm/w1", "application/json", event)?;
                ensure!(answer.status == 200, "/warm/w1 answered {}", answer.status);
                calls += 1;
            }
            Ok(calls)
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().map(|client| client.join().map_err(|_| anyhow!("a client failed"))?).collect()
    });
    let calls = f64::from(counts.into_iter().sum::<Result<u32>>()?);
    let cpu = cpu_time(process)?.saturating_sub(spent);
    Ok(json!({"per_second": (calls / began.elapsed().as_secs_f64()).round(),
        "cpu_us_per_call": (cpu.as_secs_f64() * 1e7 / calls).round() / 10.0, "clients": CLIENTS}))
}

/// Processor time of a process so far; the kernel counts in hundredths of a second.
fn cpu_time(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| -> Result<u64> { Ok(fields.get(at).context("a short stat line")?.parse()?) };
    Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

fn connect(address: &str) -> Result<Client> {
    for _ in 0..200 {
        if let Ok(client) = Client::connect(address, None) {
            return Ok(client);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Client::connect(address, None).context("workerd does not answer")
}

fn stop(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
