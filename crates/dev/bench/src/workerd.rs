//! The sandbox's workloads in workerd, over loopback: a warm isolate, and one made for each call.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

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
    let outcome = drive(&format!("127.0.0.1:{port}"), exported);
    stop(&mut child);
    outcome
}

fn drive(address: &str, exported: &Path) -> Result<Value> {
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
    Ok(Value::Object(results))
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
