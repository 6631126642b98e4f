//! A document as a value: checked once, kept as it came.

use std::collections::HashSet;

use emdash_types::{Error, ErrorCode, Result};
use serde_json::{Value, json};

use crate::block::{Block, blocks};

/// Deepest nesting of arrays and objects in a document; columns in columns take four levels each.
pub const MAX_DEPTH: usize = 64;
/// Most JSON values in a document.
pub const MAX_VALUES: usize = 500_000;
/// Most bytes of text, keys included, in a document.
pub const MAX_BYTES: usize = 8_000_000;

/// A checked document: an array of objects, each with a string `_type`. Its JSON is kept unchanged, so
/// blocks and keys nobody knows survive (CMS contract §5.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortableText(Vec<Value>);

/// One thing wrong with a value, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Dotted path, `content.3._type`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl PortableText {
    /// Takes a field's value; `path` names the field in the error (CMS contract §3.17).
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming every problem with its path.
    pub fn parse(value: Value, path: &str) -> Result<Self> {
        let issues = validate(&value, path);
        if !issues.is_empty() {
            return Err(refusal(&issues));
        }
        match value {
            Value::Array(blocks) => Ok(Self(blocks)),
            _ => Ok(Self::default()),
        }
    }

    /// For documents this crate built itself.
    pub(crate) fn from_blocks(blocks: Vec<Value>) -> Self {
        Self(blocks)
    }

    /// The JSON, as it came.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Array(self.0)
    }

    /// The JSON of the blocks.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// The blocks, typed.
    pub fn blocks(&self) -> impl Iterator<Item = Block<'_>> {
        blocks(&self.0)
    }

    /// Whether there is no block at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every media id or address the document's images refer to, galleries, covers and nested blocks
    /// included, in order, without repetition (CMS contract §5.6).
    #[must_use]
    pub fn media_refs(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: Vec<&Value> = self.0.iter().rev().collect();
        while let Some(value) = waiting.pop() {
            match value {
                Value::Array(members) => waiting.extend(members.iter().rev()),
                Value::Object(map) => {
                    let asset = map.get("asset").and_then(|asset| {
                        ["_ref", "id"].iter().find_map(|key| asset.get(key).and_then(Value::as_str))
                    });
                    if let Some(reference) = asset.filter(|reference| seen.insert(*reference)) {
                        found.push(reference);
                    }
                    waiting.extend(map.values().rev().filter(|child| child.is_array() || child.is_object()));
                }
                _ => {}
            }
        }
        found
    }
}

fn refusal(issues: &[Issue]) -> Error {
    let lines: Vec<String> =
        issues.iter().map(|issue| format!("{}: {}", issue.path, issue.message)).collect();
    let details: Vec<Value> =
        issues.iter().map(|issue| json!({"path": issue.path, "message": issue.message})).collect();
    Error::new(ErrorCode::ValidationError, lines.join("; ")).details(json!({"issues": details}))
}

/// Everything wrong with a value meant as a document, at most [`MAX_ISSUES`]; empty when it is one.
#[must_use]
pub fn validate(value: &Value, path: &str) -> Vec<Issue> {
    let Value::Array(members) = value else {
        return vec![issue(path.to_owned(), format!("expected an array of blocks, got {}", kind(value)))];
    };
    if let Some(problem) = measure(members, path) {
        return vec![problem];
    }
    let mut issues = Vec::new();
    for (index, member) in members.iter().enumerate() {
        match member {
            Value::Object(map) => match map.get("_type") {
                Some(Value::String(name)) if !name.is_empty() => {}
                Some(Value::String(_)) => {
                    issues.push(issue(format!("{path}.{index}._type"), "must not be empty".to_owned()));
                }
                Some(other) => issues.push(issue(
                    format!("{path}.{index}._type"),
                    format!("expected a string, got {}", kind(other)),
                )),
                None => issues.push(issue(format!("{path}.{index}._type"), "is missing".to_owned())),
            },
            other => issues.push(issue(
                format!("{path}.{index}"),
                format!("expected a block (an object with _type), got {}", kind(other)),
            )),
        }
        if issues.len() == MAX_ISSUES {
            break;
        }
    }
    issues
}

/// Most problems reported for one value.
pub const MAX_ISSUES: usize = 20;

/// The limit the document breaks, found without recursion, so a hostile value cannot exhaust the stack.
fn measure(members: &[Value], path: &str) -> Option<Issue> {
    let (mut values, mut bytes) = (0_usize, 0_usize);
    for (index, member) in members.iter().enumerate() {
        let mut waiting = vec![(member, 2_usize)];
        while let Some((value, depth)) = waiting.pop() {
            values += 1;
            if depth > MAX_DEPTH {
                return Some(issue(
                    format!("{path}.{index}"),
                    format!("nests deeper than {MAX_DEPTH} levels; flatten the block"),
                ));
            }
            match value {
                Value::String(text) => bytes += text.len(),
                Value::Array(inner) => waiting.extend(inner.iter().map(|inner| (inner, depth + 1))),
                Value::Object(map) => {
                    bytes += map.keys().map(String::len).sum::<usize>();
                    waiting.extend(map.values().map(|inner| (inner, depth + 1)));
                }
                _ => {}
            }
        }
        for (used, limit, what) in [(values, MAX_VALUES, "values"), (bytes, MAX_BYTES, "bytes of text")] {
            if used > limit {
                return Some(issue(
                    path.to_owned(),
                    format!(
                        "has {used} {what} up to block {index}, the limit is {limit}; split the document"
                    ),
                ));
            }
        }
    }
    None
}

fn issue(path: String, message: String) -> Issue {
    Issue { path, message }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_problem_is_named_with_its_path() {
        let error =
            PortableText::parse(json!([{"_type": "block"}, 7, {"_type": 1}, {}]), "content").unwrap_err();
        assert_eq!(error.code(), ErrorCode::ValidationError);
        insta::assert_snapshot!(error.message(), @"content.1: expected a block (an object with _type), got a number; content.2._type: expected a string, got a number; content.3._type: is missing");
        let error = PortableText::parse(json!("# Hi"), "content").unwrap_err();
        assert_eq!(error.message(), "content: expected an array of blocks, got a string");
    }

    #[test]
    fn blocks_without_key_pass() {
        assert!(validate(&json!([{"_type": "anything", "at": [1, null]}]), "content").is_empty());
    }

    #[test]
    fn a_document_that_nests_too_deep_or_is_too_large_is_refused() {
        let mut deep = json!({"_type": "columns"});
        for _ in 0..MAX_DEPTH {
            deep = json!({"_type": "columns", "content": deep});
        }
        let issues = validate(&json!([deep]), "body");
        assert_eq!(issues[0].message, "nests deeper than 64 levels; flatten the block");
        let large = json!([{"_type": "code", "code": "x".repeat(MAX_BYTES)}]);
        assert!(validate(&large, "body")[0].message.contains("the limit is 8000000"));
    }

    #[test]
    fn images_are_found_wherever_they_are() {
        let text = PortableText::parse(
            json!([
                {"_type": "image", "asset": {"_ref": "a"}},
                {"_type": "gallery", "images": [{"asset": {"_ref": "b"}}, {"asset": {"_ref": "a"}}]},
                {"_type": "columns", "columns": [{"content": [{"_type": "image", "asset": {"id": "c"}}]}]},
            ]),
            "content",
        )
        .unwrap();
        assert_eq!(text.media_refs(), ["a", "b", "c"]);
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("[a-z_]{1,8}", inner), 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(blocks in prop::collection::vec(("[a-zA-Z.]{1,12}", json_value()), 0..6)) {
            let value = Value::Array(
                blocks.into_iter().map(|(name, rest)| json!({"_type": name, "rest": rest})).collect(),
            );
            let text = value.to_string();
            let parsed = PortableText::parse(value, "content").unwrap();
            prop_assert_eq!(parsed.into_value().to_string(), text);
        }

        #[test]
        fn anything_is_judged_without_a_panic(value in json_value()) {
            let valid = validate(&value, "content").is_empty();
            prop_assert_eq!(PortableText::parse(value, "content").is_ok(), valid);
        }
    }
}
