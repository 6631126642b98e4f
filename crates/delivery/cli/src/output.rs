//! What a command leaves on the screen.

use std::fmt::Display;

use emdash_types::Error;
use serde::Serialize;

/// Prints a result for people or as one JSON value.
pub fn success<T: Serialize + Display>(result: &T, json: bool) {
    if json {
        println!("{}", serde_json::to_string_pretty(result).unwrap_or_default());
    } else {
        println!("{result}");
    }
}

/// Prints a refusal: on standard error for people, on standard output as JSON for programs.
pub fn failure(error: &Error, json: bool) {
    if json {
        let value = serde_json::json!({"error": {
            "code": error.code().name(),
            "message": error.message(),
            "hint": error.hint_text(),
            "details": error.details_value(),
        }});
        println!("{}", serde_json::to_string_pretty(&value).unwrap_or_default());
        return;
    }
    eprintln!("error: {} ({})", error.message(), error.code().name());
    let issues =
        error.details_value().and_then(|details| details.get("issues")).and_then(|issues| issues.as_array());
    for issue in issues.into_iter().flatten() {
        let text =
            |key: &str| issue.get(key).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
        let place =
            [text("file"), text("line"), text("column")].into_iter().flatten().collect::<Vec<_>>().join(":");
        let message = text("message").unwrap_or_default();
        eprintln!("  {place}{} {message}", if place.is_empty() { "-" } else { ":" });
    }
    if let Some(hint) = error.hint_text() {
        eprintln!("hint: {hint}");
    }
    let mut cause = error.cause().map(|cause| cause as &dyn std::error::Error);
    while let Some(next) = cause {
        eprintln!("cause: {next}");
        cause = next.source();
    }
}
