//! What an entry's text comes to.

use std::collections::BTreeMap;

use emdash_plugin::{Map, Value};
use serde::Serialize;

/// Words read in a minute.
const WORDS_A_MINUTE: usize = 200;
/// Longest description, in characters.
const DESCRIPTION: usize = 155;
/// Shortest word that says something.
const KEYWORD: usize = 7;

/// What an entry's text comes to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// Words of the text.
    pub words: usize,
    /// Minutes it takes to read.
    pub reading_minutes: usize,
    /// Its beginning, fit for a search result.
    pub description: String,
    /// The words it says most often.
    pub keywords: Vec<String>,
    /// From 0 to 100.
    pub score: u8,
}

impl Analysis {
    /// Analyses the fields of an entry.
    #[must_use]
    pub fn of(content: &Map<String, Value>) -> Self {
        let title = content.get("title").and_then(Value::as_str).unwrap_or_default();
        let text = plain(content.get("content").unwrap_or(&Value::Null));
        let words = text.split_whitespace().count();
        let description = beginning(&text);
        let keywords = keywords(&text);
        let lower = title.to_lowercase();
        let points = [
            (20, (10..=60).contains(&title.chars().count())),
            (30, words >= 100),
            (20, description.chars().count() >= 70),
            (30, keywords.iter().any(|keyword| lower.contains(keyword.as_str()))),
        ];
        let score = points.iter().filter(|(_, earned)| *earned).map(|(points, _)| points).sum();
        Self { words, reading_minutes: words.div_ceil(WORDS_A_MINUTE), description, keywords, score }
    }
}

/// The text of Portable Text blocks, or of a plain field.
fn plain(body: &Value) -> String {
    let Some(blocks) = body.as_array() else { return body.as_str().unwrap_or_default().to_owned() };
    let mut text = String::new();
    for block in blocks {
        let spans = block.get("children").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for span in spans {
            text.push_str(span.get("text").and_then(Value::as_str).unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

/// Whole words from the beginning.
fn beginning(text: &str) -> String {
    let mut description = String::new();
    for word in text.split_whitespace() {
        let length = description.chars().count() + word.chars().count() + 1;
        if length > DESCRIPTION {
            break;
        }
        if !description.is_empty() {
            description.push(' ');
        }
        description.push_str(word);
    }
    description
}

/// The ten longest-winded words, most frequent first.
fn keywords(text: &str) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= KEYWORD) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
    counts.into_iter().take(10).map(|(word, _)| word).collect()
}
