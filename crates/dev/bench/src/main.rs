#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::indexing_slicing, reason = "a measuring program for developers")]

mod client;
mod corpus;
mod nginx;
mod server;
mod workerd;
mod workloads;

use anyhow::{Context, Result};
use serde_json::json;

use crate::server::Binary;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, workerd, exported] = arguments.as_slice()
        && first == "workerd"
    {
        let measured = workerd::measure(workerd.as_ref(), exported.as_ref())?;
        println!("{}", serde_json::to_string_pretty(&measured)?);
        return Ok(());
    }
    let path =
        arguments.first().context("usage: emdash-bench EMDASH | emdash-bench workerd WORKERD EXPORTED")?;
    let binary = Binary(path.into());
    let scratch = tempfile::tempdir()?;
    let small = scratch.path().join("small");
    let (token, import_small) = workloads::site(&binary, &small, 1_000)?;
    // The first start of a machine compiles the plugin engine; that is an installation's cost, not a start's.
    let (first, first_start) = binary.serve(&small)?;
    drop(first);
    let mut starts = Vec::new();
    for _ in 0..5 {
        let (server, time) = binary.serve(&small)?;
        starts.push(time);
        drop(server);
    }
    starts.sort_unstable();
    let (server, _) = binary.serve(&small)?;
    let idle = server.memory_mb()?;
    let sitemap_small = workloads::sitemap_cold(&server)?;
    let pages = workloads::pages(&server, &token)?;
    let against_nginx = nginx::compare(&server, scratch.path(), "/posts/post-7")?;
    let install = workloads::install(&binary, &server, &small, &token)?;
    let saves = workloads::saves(&binary, &server, &small, &token)?;
    let loaded = server.memory_mb()?;
    drop(server);
    let large = scratch.path().join("large");
    let (_, import_large) = workloads::site(&binary, &large, 50_000)?;
    let (server, start_large) = binary.serve(&large)?;
    let sitemap_large = workloads::sitemap_cold(&server)?;
    let result = json!({
        "unit": "microseconds unless named",
        "coldStart": {"posts1000Ms": millis(starts[starts.len() / 2]), "firstOnMachineMs": millis(first_start), "posts50000Ms": millis(start_large)},
        "import": {"small": import_small, "large": import_large},
        "sitemap": {"posts1000": sitemap_small, "posts50000": sitemap_large},
        "pages": pages,
        "cachedPageBesideNginx": against_nginx,
        "installToActive": install,
        "save": saves,
        "memoryMb": {"idle": idle, "afterLoad": loaded},
    });
    println!("{}", serde_json::to_string_pretty(&result)?);
    Ok(())
}

fn millis(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}
