//! A cached page beside nginx serving the same bytes as a file.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::Client;
use crate::server::Server;

/// Measures both in turns with `wrk`; `null` where nginx or wrk is missing.
pub fn compare(server: &Server, scratch: &Path, path: &str) -> Result<Value> {
    if !has("nginx", "-v") || !has("wrk", "-v") {
        return Ok(Value::Null);
    }
    let body = Client::connect(&server.address, None)?.get(path)?.body;
    let (nginx, address) = start(scratch, &body)?;
    let ours = format!("http://{}{path}", server.address);
    let theirs = format!("http://{address}/page.html");
    let mut rounds = Vec::new();
    for _ in 0..5 {
        rounds.push((requests_per_second(&ours)?, requests_per_second(&theirs)?));
    }
    stop(nginx);
    let mut ratios: Vec<f64> = rounds.iter().map(|(ours, theirs)| ours / theirs).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = |pick: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2].round()
    };
    Ok(json!({
        "bytes": body.len(),
        "emdashRequestsPerSecond": middle(|round| round.0),
        "nginxRequestsPerSecond": middle(|round| round.1),
        "ratio": (ratios[ratios.len() / 2] * 100.0).round() / 100.0,
        "rounds": rounds.len(),
    }))
}

fn start(scratch: &Path, body: &[u8]) -> Result<(Child, String)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let root = scratch.join("nginx");
    fs::create_dir_all(root.join("html"))?;
    fs::write(root.join("html/page.html"), body)?;
    let root_text = root.display();
    let config = format!(
        "daemon off; worker_processes auto; pid {root_text}/pid; error_log {root_text}/error.log; user root;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; open_file_cache max=100; types {{ text/html html; }}\n\
         client_body_temp_path {root_text}/b; proxy_temp_path {root_text}/p; fastcgi_temp_path {root_text}/f;\n\
         uwsgi_temp_path {root_text}/u; scgi_temp_path {root_text}/s;\n\
         server {{ listen 127.0.0.1:{port}; root {root_text}/html; }} }}\n"
    );
    fs::write(root.join("nginx.conf"), config)?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&root).arg("-c").arg(root.join("nginx.conf")).stderr(Stdio::null());
    let child = command.spawn().context("nginx cannot be started")?;
    let address = format!("127.0.0.1:{port}");
    for _ in 0..100 {
        if Client::connect(&address, None).is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok((child, address))
}

fn requests_per_second(url: &str) -> Result<f64> {
    let output = Command::new("wrk").args(["-t1", "-c16", "-d4s", url]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with("Requests/sec:")).context("wrk printed no rate")?;
    Ok(line.trim_start_matches("Requests/sec:").trim().parse()?)
}

fn stop(mut nginx: Child) {
    let term = Command::new("kill").arg(nginx.id().to_string()).status();
    if term.is_err() {
        // The process is ours; a harder way to end it.
        let _ = nginx.kill();
    }
    let _ = nginx.wait();
}

fn has(program: &str, flag: &str) -> bool {
    Command::new(program).arg(flag).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
