//! What is measured, each from outside over loopback.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::{Client, micros, sample};
use crate::corpus;
use crate::server::{Binary, Server};

const PLUGINS: &str = "/_emdash/api/admin/plugins";

/// A site with `posts` generated posts; says how long the import took.
pub fn site(binary: &Binary, data: &Path, posts: usize) -> Result<(String, Value)> {
    let directory = data.to_str().context("a path in UTF-8")?;
    let made =
        binary.run(&["init", "--data", directory, "--title", "Bench", "--email", "bench@example.com"])?;
    let file = data.join("export.xml");
    corpus::export(&file, posts)?;
    let started = Instant::now();
    binary.run(&["import", "wordpress", file.to_str().context("a path in UTF-8")?, "--data", directory])?;
    let seconds = started.elapsed().as_secs_f64();
    let token = made["token"].as_str().context("no token")?.to_owned();
    Ok((
        token,
        json!({"posts": posts, "seconds": seconds, "postsPerSecond": (posts as f64 / seconds).round()}),
    ))
}

/// Publishes one plugin in versions, and times installing it: download, hash check, evaluation, activation.
pub fn install(binary: &Binary, server: &Server, data: &Path, token: &str) -> Result<Value> {
    let publisher = publisher(binary, data)?;
    publish(server, &publisher, "bench-install", "1.0.0")?;
    let mut client = Client::connect(&server.address, Some(token))?;
    let mut times = Vec::new();
    for _ in 0..30 {
        let started = Instant::now();
        client.post(&format!("{PLUGINS}/marketplace/bench-install/install"), &json!({"confirm": true}))?;
        times.push(started.elapsed());
        client.post(&format!("{PLUGINS}/bench-install/uninstall"), &json!({"deleteData": true}))?;
    }
    times.sort_unstable();
    let last = times.last().copied().unwrap_or_default();
    Ok(json!({"p50": micros(times[times.len() / 2]), "max": micros(last), "runs": times.len()}))
}

/// Times creating a draft with 0, 1 and 5 plugins that change the title, and a plugin's route.
pub fn saves(binary: &Binary, server: &Server, data: &Path, token: &str) -> Result<Value> {
    let publisher = publisher(binary, data)?;
    let mut client = Client::connect(&server.address, Some(token))?;
    let mut results = serde_json::Map::new();
    results.insert("hooks0".into(), create_drafts(&mut client)?);
    for number in 1..=5 {
        let id = format!("bench-hook-{number}");
        publish(server, &publisher, &id, "1.0.0")?;
        client.post(&format!("{PLUGINS}/marketplace/{id}/install"), &json!({"confirm": true}))?;
        if number == 1 || number == 5 {
            results.insert(format!("hooks{number}"), create_drafts(&mut client)?);
        }
    }
    let mut public = Client::connect(&server.address, None)?;
    let route = sample(200, 2_000, |_| public.get("/api/plugins/bench-hook-1/ping")?.json().map(drop))?;
    results.insert("pluginRoute".into(), route);
    Ok(Value::Object(results))
}

fn create_drafts(client: &mut Client) -> Result<Value> {
    let body = json!({"data": {"title": "A draft", "content": [
        {"_type": "block", "_key": "a", "style": "normal", "children": [{"_type": "span", "_key": "b", "text": "Words.", "marks": []}], "markDefs": []},
    ]}});
    sample(100, 1_000, |_| client.post("/_emdash/api/content/posts", &body).map(drop))
}

/// Times public pages: from the cache, rendered anew, the sitemap.
pub fn pages(server: &Server, token: &str) -> Result<Value> {
    let mut client = Client::connect(&server.address, Some(token))?;
    let mut get = |path: &str| -> Result<()> {
        let answer = client.get(path)?;
        anyhow::ensure!(answer.status == 200, "{path} answered {}", answer.status);
        Ok(())
    };
    let cached = sample(200, 5_000, |_| get("/posts/post-7"))?;
    // A post that was not asked for before is not in the cache.
    let rendered = sample(20, 500, |index| get(&format!("/posts/post-{}", index + 100)))?;
    let sitemap = sample(2, 50, |index| get(&format!("/sitemap-posts.xml?{index}")))?;
    let search = sample(10, 200, |index| get(&format!("/search?q=orchard+{}", index % 7)))?;
    Ok(json!({"cachedPost": cached, "renderedPost": rendered, "sitemapCached": sitemap, "search": search}))
}

/// Times the first answer of the sitemap file, which no cache holds yet.
pub fn sitemap_cold(server: &Server) -> Result<Value> {
    let mut client = Client::connect(&server.address, None)?;
    let started = Instant::now();
    let answer = client.get("/sitemap-posts.xml")?;
    let urls = String::from_utf8_lossy(&answer.body).matches("<loc>").count();
    Ok(json!({"urls": urls, "bytes": answer.body.len(), "first": micros(started.elapsed())}))
}

fn publisher(binary: &Binary, data: &Path) -> Result<String> {
    let directory = data.to_str().context("a path in UTF-8")?;
    let made = binary.run(&[
        "publisher",
        "add",
        "--data",
        directory,
        "--name",
        "Bench",
        "--email",
        "dev@example.com",
    ])?;
    Ok(made["token"].as_str().context("no token")?.to_owned())
}

fn publish(server: &Server, publisher: &str, id: &str, version: &str) -> Result<()> {
    let bundle = corpus::plugin(id, version)?;
    let mut body =
        b"--b\r\ncontent-disposition: form-data; name=\"bundle\"; filename=\"b.tar.gz\"\r\n\r\n".to_vec();
    body.extend_from_slice(&bundle);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let mut client = Client::connect(&server.address, Some(publisher))?;
    let path = format!("/api/v1/plugins/{id}/versions");
    client.request("POST", &path, "multipart/form-data; boundary=b", &body)?.json().map(drop)
}
