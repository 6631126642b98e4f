//! Generated input: a WordPress export of any size, and plugins of a few lines.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use emdash_manifest::Bundle;
use serde_json::json;

const WORDS: [&str; 16] = [
    "river", "stone", "lamp", "winter", "market", "thread", "garden", "signal", "copper", "harbour", "paper",
    "mountain", "bridge", "orchard", "window", "letter",
];

/// About 300 words, different for each post.
fn paragraphs(seed: usize) -> String {
    let mut text = String::new();
    for paragraph in 0..6 {
        text.push_str("<p>");
        for word in 0..50 {
            let index = (seed.wrapping_mul(31) + paragraph * 17 + word * 7 + word * word) % WORDS.len();
            let _ = write!(text, "{} ", WORDS[index]);
        }
        text.push_str("</p>\n");
    }
    text
}

/// Writes an export with `count` published posts.
pub fn export(path: &Path, count: usize) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Generated</title><link>https://generated.example</link><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://generated.example</wp:base_site_url>"#
    )?;
    for number in 1..=count {
        let (day, hour, minute) = (number / 1440 % 28 + 1, number / 60 % 24, number % 60);
        writeln!(
            out,
            "<item><title>Post {number} about the {word}</title><link>https://generated.example/?p={number}</link><dc:creator><![CDATA[ann]]></dc:creator><content:encoded><![CDATA[{body}]]></content:encoded><wp:post_id>{number}</wp:post_id><wp:post_date_gmt><![CDATA[2024-{month:02}-{day:02} {hour:02}:{minute:02}:00]]></wp:post_date_gmt><wp:post_name><![CDATA[post-{number}]]></wp:post_name><wp:status><![CDATA[publish]]></wp:status><wp:post_type><![CDATA[post]]></wp:post_type></item>",
            word = WORDS[number % WORDS.len()],
            month = number / 40_320 % 12 + 1,
            body = paragraphs(number),
        )?;
    }
    writeln!(out, "</channel></rss>")?;
    Ok(out.flush()?)
}

/// A plugin whose `content:beforeSave` changes the title and whose route answers at once.
pub fn plugin(id: &str, version: &str) -> Result<Vec<u8>> {
    let manifest = json!({
        "id": id, "version": version, "capabilities": ["content:write"], "allowedHosts": [], "storage": {},
        "hooks": ["content:beforeSave"], "routes": [{"name": "ping", "public": true}], "admin": {},
    });
    let code = r#"export default {
  hooks: { "content:beforeSave": async (event) => ({ ...event.content, title: `${event.content.title}!` }) },
  routes: { ping: { public: true, handler: async () => ({ pong: true }) } },
};"#;
    Ok(Bundle::write([("manifest.json", manifest.to_string().as_bytes()), ("backend.js", code.as_bytes())])?)
}
