//! Blocks as JSON.

use emdash_types::JsonMap;
use serde_json::{Value, json};

/// A block without fields; its key follows from its position at the end.
pub(super) fn block(kind: &str) -> JsonMap {
    let mut map = JsonMap::new();
    map.insert("_type".to_owned(), Value::from(kind));
    map.insert("_key".to_owned(), Value::from(""));
    map
}

/// HTML kept as it came.
pub(super) fn raw(html: &str) -> Value {
    let mut map = block("htmlBlock");
    map.insert("html".to_owned(), Value::from(html));
    Value::Object(map)
}

/// A break; `marker` says what it was where that is no rule.
pub(super) fn rule(marker: Option<&str>) -> Value {
    let mut map = block("break");
    map.insert("style".to_owned(), Value::from("lineBreak"));
    if let Some(marker) = marker {
        map.insert("marker".to_owned(), Value::from(marker));
    }
    Value::Object(map)
}

/// Something from elsewhere.
pub(super) fn embed(url: &str, provider: Option<&str>, caption: Option<String>) -> Value {
    let mut map = block("embed");
    map.insert("url".to_owned(), Value::from(url));
    set(&mut map, "provider", provider);
    set(&mut map, "caption", caption);
    Value::Object(map)
}

/// Content side by side.
pub(super) fn columns(contents: Vec<Vec<Value>>) -> Value {
    let mut map = block("columns");
    let columns = contents.into_iter().map(|content| {
        let mut column = block("column");
        column.insert("content".to_owned(), Value::Array(content));
        Value::Object(column)
    });
    map.insert("columns".to_owned(), columns.collect());
    Value::Object(map)
}

/// A paragraph of plain text.
pub(super) fn paragraph(text: &str) -> Value {
    let mut map = block("block");
    map.insert("style".to_owned(), Value::from("normal"));
    map.insert("markDefs".to_owned(), json!([]));
    map.insert("children".to_owned(), json!([{"_type": "span", "_key": "", "text": text, "marks": []}]));
    Value::Object(map)
}

/// Sets a field that has a value.
pub(super) fn set(map: &mut JsonMap, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

/// Gives every member of an array the key `<prefix><position>`, and the arrays inside their own.
pub(super) fn assign_keys(members: &mut [Value], prefix: &str) {
    /// Arrays whose members have keys, with the prefix of those.
    const KEYED: [(&str, &str); 7] = [
        ("children", "s"),
        ("images", "i"),
        ("columns", "c"),
        ("rows", "r"),
        ("cells", "c"),
        ("buttons", "u"),
        ("content", "b"),
    ];
    for (position, member) in members.iter_mut().enumerate() {
        let Value::Object(map) = member else { continue };
        map.insert("_key".to_owned(), Value::from(format!("{prefix}{position}")));
        let is_cell = map.get("_type").is_some_and(|kind| kind == "tableCell");
        for (name, inner_prefix) in KEYED {
            if let Some(Value::Array(inner)) = map.get_mut(name) {
                assign_keys(inner, if is_cell { "s" } else { inner_prefix });
            }
        }
    }
}
