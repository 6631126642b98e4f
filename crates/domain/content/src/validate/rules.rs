//! The declared limits of a field: `validation` in the schema.

use serde_json::Value;

use super::Problems;
use super::value::shortened;

/// Most bytes a compiled `pattern` may take.
const PATTERN_SIZE: usize = 64 * 1024;

/// `minLength`, `maxLength` and `pattern`, in characters.
pub(super) fn text(rules: &Value, path: &str, text: &str, problems: &mut Problems) {
    let length = text.chars().count() as u64;
    if let Some(least) = rules.get("minLength").and_then(Value::as_u64).filter(|least| length < *least) {
        problems.add(path, format_args!("has {length} characters, at least {least} are needed"));
    }
    if let Some(most) = rules.get("maxLength").and_then(Value::as_u64).filter(|most| length > *most) {
        problems.add(path, format_args!("has {length} characters, the limit is {most}"));
    }
    if let Some(pattern) = rules.get("pattern").and_then(Value::as_str) {
        match regex::RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).build() {
            Ok(compiled) if compiled.is_match(text) => {}
            Ok(_) => problems.add(path, format_args!("does not match the pattern {pattern}")),
            Err(_) => problems.add(
                path,
                format_args!("cannot be checked: the field's pattern {} is not usable", shortened(pattern)),
            ),
        }
    }
}

/// `min` and `max`.
pub(super) fn range(rules: &Value, path: &str, number: f64, problems: &mut Problems) {
    if let Some(least) = rules.get("min").and_then(Value::as_f64).filter(|least| number < *least) {
        problems.add(path, format_args!("is {number}, the least is {least}"));
    }
    if let Some(most) = rules.get("max").and_then(Value::as_f64).filter(|most| number > *most) {
        problems.add(path, format_args!("is {number}, the limit is {most}"));
    }
}

/// `minItems` and `maxItems`.
pub(super) fn items(rules: &Value, path: &str, count: usize, problems: &mut Problems) {
    let count = count as u64;
    if let Some(least) = rules.get("minItems").and_then(Value::as_u64).filter(|least| count < *least) {
        problems.add(path, format_args!("has {count} items, at least {least} are needed"));
    }
    if let Some(most) = rules.get("maxItems").and_then(Value::as_u64).filter(|most| count > *most) {
        problems.add(path, format_args!("has {count} items, the limit is {most}"));
    }
}

/// `options`; any text where none are declared.
pub(super) fn option(rules: &Value, path: &str, text: &str, problems: &mut Problems) {
    let Some(options) = rules.get("options").and_then(Value::as_array).filter(|options| !options.is_empty())
    else {
        return;
    };
    if !options.iter().any(|option| option.as_str() == Some(text)) {
        let known: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
        problems.add(
            path,
            format_args!("\"{}\" is not one of the options: {}", shortened(text), known.join(", ")),
        );
    }
}
