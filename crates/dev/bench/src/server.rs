//! The product as a child process, on a data directory of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::client::Client;

/// The binary under measurement.
pub struct Binary(pub PathBuf);

impl Binary {
    /// Runs a command to its end; its JSON.
    pub fn run(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new(&self.0).args(arguments).arg("--json").stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("emdash {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stdout));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Starts a server and waits for its first 200; says how long that took.
    pub fn serve(&self, data: &Path) -> Result<(Server, Duration)> {
        let started = Instant::now();
        let mut child = Command::new(&self.0)
            .args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line).context("the server did not start")?;
        let address = told["listening"].as_str().context("no address")?.to_owned();
        let server = Server { child, address };
        if Client::connect(&server.address, None)?.get("/")?.status != 200 {
            bail!("the home page does not answer 200");
        }
        Ok((server, started.elapsed()))
    }
}

/// A running server; stopped when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: String,
}

impl Server {
    /// Resident memory, MB.
    pub fn memory_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok((kilobytes / 102.4).round() / 10.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
