use emdash_document::PortableText;
use serde_json::Value;

/// A document from JSON.
pub(crate) fn document(value: Value) -> PortableText {
    PortableText::parse(value, "content").unwrap()
}

/// The words a browser shows.
pub(crate) fn shown(html: &str) -> String {
    scraper::Html::parse_fragment(html).root_element().text().collect()
}
