//! Answers without what differs from run to run.

use serde_json::Value;

/// The value with ids, instants, locks and checksums replaced by `[id]`, `[time]`, `[rev]` and `[sha256]`, for
/// snapshots.
#[must_use]
pub fn shape(mut value: Value) -> Value {
    scrub(&mut value, "");
    value
}

fn scrub(value: &mut Value, key: &str) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| scrub(value, key)),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub(item, key)),
        Value::String(text) if key == "_rev" => *text = "[rev]".to_owned(),
        Value::String(text) => {
            let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && !"-:.".contains(c));
            *text = words.map(word).collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A word with the character that ended it.
fn word(text: &str) -> String {
    let bare = text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let rest = text.get(bare.len()..).unwrap_or_default();
    let crockford = |c: char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !"ILOU".contains(c));
    if bare.len() == 26 && bare.chars().all(crockford) {
        format!("[id]{rest}")
    } else if bare.len() == 64 && bare.chars().all(|c| c.is_ascii_hexdigit()) {
        format!("[sha256]{rest}")
    } else if bare.len() == 24 && bare.ends_with('Z') && bare.get(10..11) == Some("T") {
        format!("[time]{rest}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_from_run_to_run_is_replaced() {
        let value = json!({
            "id": "01M7W88EZC0000000000000000",
            "at": ["2026-11-20T10:32:58.092Z", null, 7],
            "message": "Content item not found: 01M7W88EZC0000000000000000.",
            "_rev": "MToy",
            "checksum": "0".repeat(64),
            "title": "Hello, World: 2026-11-20",
        });
        let expected = json!({
            "id": "[id]",
            "at": ["[time]", null, 7],
            "message": "Content item not found: [id].",
            "_rev": "[rev]",
            "checksum": "[sha256]",
            "title": "Hello, World: 2026-11-20",
        });
        assert_eq!(shape(value), expected);
    }
}
