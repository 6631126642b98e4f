//! What plugins add to the head of a page (plugin contract §4.9).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One validated contribution. Its texts are the plugin's: whoever renders it escapes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Contribution {
    /// `<meta name content>`.
    Meta {
        /// `name`.
        name: String,
        /// `content`.
        content: String,
        /// What makes two contributions the same, where not the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// `<meta property content>`.
    Property {
        /// `property`.
        property: String,
        /// `content`.
        content: String,
        /// What makes two contributions the same, where not the property.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// `<link rel href>`.
    Link {
        /// One of the allowed relations.
        rel: String,
        /// `http:`, `https:` or `at:`.
        href: String,
        /// `hreflang`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hreflang: Option<String>,
        /// What makes two contributions the same, where not the language or address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// `<script type="application/ld+json">`.
    JsonLd {
        /// What makes two contributions the same; without it each is added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// An object or an array.
        graph: Value,
    },
}
