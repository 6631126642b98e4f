//! Image and file values: an object with the media item's id and what is known of it.

use serde_json::Value;

use super::Problems;
use super::value::named;

/// The keys of a media value and their types.
pub(super) struct Shape {
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
}

/// An image of the media library.
pub(super) const IMAGE: Shape = Shape {
    texts: &[
        "id",
        "src",
        "alt",
        "filename",
        "mimeType",
        "blurhash",
        "dominantColor",
        "provider",
        "previewUrl",
    ],
    numbers: &["width", "height"],
};

/// A file of the media library.
pub(super) const FILE: Shape =
    Shape { texts: &["id", "url", "src", "filename", "mimeType", "provider"], numbers: &["size"] };

/// Checks a media value and drops its unknown keys.
pub(super) fn check(shape: &Shape, rules: &Value, path: &str, value: &mut Value, problems: &mut Problems) {
    let given = named(value);
    let Some(object) = value.as_object_mut() else {
        return problems
            .add(path, format_args!("expected an object with the id of a media item, got {given}"));
    };
    if !object.get("id").is_some_and(Value::is_string) {
        problems.add(&format!("{path}.id"), "expected the id of a media item");
    }
    object.retain(|key, _| {
        shape.texts.contains(&key.as_str()) || shape.numbers.contains(&key.as_str()) || key == "meta"
    });
    for (key, member) in object.iter().filter(|(key, member)| *key != "id" && !member.is_null()) {
        let fits = match key.as_str() {
            "meta" => member.is_object(),
            key if shape.numbers.contains(&key) => member.is_number(),
            _ => member.is_string(),
        };
        if !fits {
            problems.add(&format!("{path}.{key}"), format_args!("does not fit: got {}", named(member)));
        }
    }
    let media_type = object.get("mimeType").and_then(Value::as_str);
    let allowed = rules.get("allowedMimeTypes").and_then(Value::as_array);
    if let (Some(media_type), Some(allowed)) = (media_type, allowed)
        && !allowed.iter().filter_map(Value::as_str).any(|prefix| media_type.starts_with(prefix))
    {
        problems.add(path, format_args!("files of type {media_type} are not allowed here"));
    }
}
