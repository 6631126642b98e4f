//! Writing answers that carry stored JSON as it stands.

use emdash_ports::plugin_data::Document;

pub(super) const NULL: &str = "null";

/// A JSON string.
pub(super) fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// An array with one element per document.
pub(super) fn array(documents: &[Document], element: impl Fn(&Document) -> String) -> String {
    let elements: Vec<_> = documents.iter().map(element).collect();
    format!("[{}]", elements.join(","))
}
