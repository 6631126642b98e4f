//! One value against one field type.

use emdash_store::content::FieldKind;
use emdash_types::Timestamp;
use serde_json::Value;

use super::{Problems, media, rules};

/// Checks a value and brings it into its stored form.
pub(super) fn check(kind: FieldKind, rules: &Value, path: &str, value: &mut Value, problems: &mut Problems) {
    match kind {
        FieldKind::String | FieldKind::Text | FieldKind::Slug => match value.as_str() {
            Some(text) => rules::text(rules, path, text, problems),
            None => problems.add(path, format_args!("expected a string, got {}", named(value))),
        },
        FieldKind::Url => match value.as_str() {
            // An emptied optional field arrives as the empty string.
            Some("") => {}
            Some(text) if url::Url::parse(text).is_ok() => rules::text(rules, path, text, problems),
            Some(text) => problems.add(
                path,
                format_args!("\"{}\" is not an absolute URL such as https://example.com/", shortened(text)),
            ),
            None => problems.add(path, format_args!("expected an absolute URL, got {}", named(value))),
        },
        FieldKind::Number | FieldKind::Integer => number(kind, rules, path, value, problems),
        FieldKind::Boolean => boolean(path, value, problems),
        FieldKind::Datetime => datetime(path, value, problems),
        FieldKind::Select => match value.as_str() {
            Some(text) => rules::option(rules, path, text, problems),
            None => problems.add(path, format_args!("expected one of the options, got {}", named(value))),
        },
        FieldKind::MultiSelect => multi_select(rules, path, value, problems),
        FieldKind::PortableText => {
            for issue in emdash_document::validate(value, path) {
                problems.add(&issue.path, issue.message);
            }
        }
        FieldKind::Image => media::check(&media::IMAGE, rules, path, value, problems),
        FieldKind::File => media::check(&media::FILE, rules, path, value, problems),
        FieldKind::Reference => {
            if !value.is_string() {
                problems.add(path, format_args!("expected the id of an entry, got {}", named(value)));
            }
        }
        FieldKind::Repeater => repeater(rules, path, value, problems),
        FieldKind::Json => {}
    }
}

fn number(kind: FieldKind, rules: &Value, path: &str, value: &mut Value, problems: &mut Problems) {
    let Some(number) = value.as_f64() else {
        return problems.add(path, format_args!("expected a number, got {}", named(value)));
    };
    if kind == FieldKind::Integer && value.as_i64().is_none() {
        // `3.0` is the whole number 3 for a JSON client; `3.5` and what an integer column cannot hold is not.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() != 0.0 || number.abs() > EXACT {
            return problems.add(path, format_args!("expected a whole number, got {value}"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range of a double")]
        let whole = number as i64;
        *value = Value::from(whole);
    }
    rules::range(rules, path, number, problems);
}

fn boolean(path: &str, value: &mut Value, problems: &mut Problems) {
    let stored = match value {
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Number(number) => number.as_i64().filter(|number| [0, 1].contains(number)),
        _ => None,
    };
    match stored {
        Some(stored) => *value = Value::from(stored),
        None => problems.add(path, format_args!("expected true, false, 0 or 1, got {}", named(value))),
    }
}

fn datetime(path: &str, value: &Value, problems: &mut Problems) {
    let valid = value.as_str().is_some_and(|text| text.is_empty() || Timestamp::parse(text).is_some());
    if !valid {
        problems.add(path, "expected a date or an instant such as 2026-11-20 or 2026-11-20T10:32:58Z");
    }
}

fn multi_select(rules: &Value, path: &str, value: &Value, problems: &mut Problems) {
    let Some(members) = value.as_array() else {
        return problems.add(path, format_args!("expected an array of options, got {}", named(value)));
    };
    for (index, member) in members.iter().enumerate() {
        let path = format!("{path}.{index}");
        match member.as_str() {
            Some(text) => rules::option(rules, &path, text, problems),
            None => problems.add(&path, format_args!("expected a string, got {}", named(member))),
        }
    }
}

fn repeater(rules: &Value, path: &str, value: &mut Value, problems: &mut Problems) {
    let given = named(value);
    let Some(rows) = value.as_array_mut() else {
        return problems.add(path, format_args!("expected an array of objects, got {given}"));
    };
    rules::items(rules, path, rows.len(), problems);
    let sub_fields = rules.get("subFields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, row) in rows.iter_mut().enumerate() {
        let path = format!("{path}.{index}");
        let given = named(row);
        match row.as_object_mut() {
            Some(row) => sub_fields.iter().for_each(|field| sub_field(field, &path, row, problems)),
            None => problems.add(&path, format_args!("expected an object, got {given}")),
        }
    }
}

fn sub_field(field: &Value, path: &str, row: &mut serde_json::Map<String, Value>, problems: &mut Problems) {
    let Some(slug) = field.get("slug").and_then(Value::as_str) else { return };
    let kind = field.get("type").and_then(|kind| serde_json::from_value(kind.clone()).ok());
    let required = field.get("required").and_then(Value::as_bool).unwrap_or(false);
    let path = format!("{path}.{slug}");
    match (row.get_mut(slug), kind) {
        (None | Some(Value::Null), _) if required => problems.add(&path, "is required"),
        (None | Some(Value::Null), _) | (_, None) => {}
        (Some(value), Some(kind)) => {
            // Options of a sub-field may stand beside its type or under `validation`.
            let rules = field.get("validation").unwrap_or(field);
            check(kind, rules, &path, value, problems);
        }
    }
}

/// The sort of a value, for messages.
pub(super) fn named(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The beginning of a text, for messages.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
