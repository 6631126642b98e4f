//! The workloads of `crates/adapters/sandbox/examples/measure.rs`, as JavaScript has them there.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

use emdash_plugin::{Failure, Map, Value, json, kv};
use serde::Deserialize;

type Outcome = Result<Option<Value>, Failure>;

#[derive(Deserialize)]
pub struct Save {
    content: Map<String, Value>,
}

pub fn noop(_: Value) -> Outcome {
    Ok(None)
}

/// JSON in, one field changed, JSON out.
pub fn w1(save: Save) -> Outcome {
    let mut content = save.content;
    let title = format!("{} (checked)", text(&content, "title").trim());
    content.insert("title".to_owned(), Value::from(title));
    Ok(Some(Value::Object(content)))
}

/// Slug, reading time, moderation and SEO fields of a long text.
pub fn w2(save: Save) -> Outcome {
    let mut content = save.content;
    let title = text(&content, "title").to_owned();
    let body = plain(content.get("body"));
    let hits: Vec<&str> = body
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| {
            ["viagra", "casino", "lottery"].iter().any(|blocked| word.eq_ignore_ascii_case(blocked))
        })
        .collect();
    let mut description = String::new();
    for word in body.split_whitespace() {
        if description.len() + word.len() > 155 {
            break;
        }
        description.push_str(word);
        description.push(' ');
    }
    let lower = body.to_lowercase();
    let mut keywords: Vec<&str> = Vec::new();
    for word in lower.split(|c: char| !c.is_ascii_lowercase()).filter(|word| word.len() >= 7) {
        if keywords.len() < 10 && !keywords.contains(&word) {
            keywords.push(word);
        }
    }
    let hits = json!(hits);
    let seo = json!({ "title": title, "description": description, "keywords": keywords });
    let minutes = body.split_whitespace().count().div_ceil(200);
    content.insert("slug".to_owned(), Value::from(slug(&title)));
    content.insert("readingTime".to_owned(), Value::from(minutes));
    content.insert("hits".to_owned(), hits);
    content.insert("seo".to_owned(), seo);
    Ok(Some(Value::Object(content)))
}

/// A million steps no compiler folds.
pub fn w3(_: Value) -> Outcome {
    let mut sum = 0_i32;
    for step in 0..1_000_000_i32 {
        sum = black_box(sum.wrapping_add(step.wrapping_mul(7)));
    }
    Ok(Some(Value::from(sum)))
}

pub fn call(_: Value) -> Outcome {
    kv::get("key")
}

pub fn echo(event: Value) -> Outcome {
    Ok(Some(event))
}

/// How often this instance was asked.
pub fn count(_: Value) -> Outcome {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    Ok(Some(Value::from(ASKED.fetch_add(1, Ordering::Relaxed) + 1)))
}

fn text<'a>(content: &'a Map<String, Value>, name: &str) -> &'a str {
    content.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn plain(body: Option<&Value>) -> String {
    let blocks = body.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut text = String::new();
    for span in blocks.iter().filter_map(|block| block.get("children")?.as_array()).flatten() {
        text.push_str(span.get("text").and_then(Value::as_str).unwrap_or_default());
        text.push('\n');
    }
    text
}

fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}
