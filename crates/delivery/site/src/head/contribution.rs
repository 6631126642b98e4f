//! One thing said about a page.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Relations a contributed link may have.
const RELATIONS: [&str; 6] =
    ["canonical", "alternate", "author", "license", "nlweb", "site.standard.document"];

/// A contribution to the head of a page (plugin contract §4.9). Its texts are escaped where they are rendered.
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
        #[serde(default)]
        key: Option<String>,
    },
    /// `<meta property content>`.
    Property {
        /// `property`.
        property: String,
        /// `content`.
        content: String,
        /// What makes two contributions the same, where not the property.
        #[serde(default)]
        key: Option<String>,
    },
    /// `<link rel href>`.
    Link {
        /// One of the allowed relations.
        rel: String,
        /// `http:`, `https:` or `at:` address.
        href: String,
        /// `hreflang`.
        #[serde(default)]
        hreflang: Option<String>,
        /// What makes two contributions the same, where not the language or address.
        #[serde(default)]
        key: Option<String>,
    },
    /// `<script type="application/ld+json">`.
    JsonLd {
        /// What makes two contributions the same; without it each is added.
        #[serde(default)]
        id: Option<String>,
        /// An object or an array.
        graph: Value,
    },
}

impl Contribution {
    /// Reads one contribution; one that breaks a rule is no contribution.
    #[must_use]
    pub fn parse(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok().filter(Self::is_valid)
    }

    fn is_valid(&self) -> bool {
        match self {
            Self::Meta { .. } | Self::Property { .. } => true,
            Self::Link { rel, href, .. } => {
                let scheme = href.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
                RELATIONS.contains(&rel.as_str())
                    && scheme.is_some_and(|scheme| ["http", "https", "at"].contains(&scheme.as_str()))
            }
            Self::JsonLd { graph, .. } => graph.is_object() || graph.is_array(),
        }
    }

    pub(super) fn key(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Meta { name, key, .. } => Some(("meta", key.as_ref().unwrap_or(name).clone())),
            Self::Property { property, key, .. } => {
                Some(("property", key.as_ref().unwrap_or(property).clone()))
            }
            Self::Link { rel, .. } if rel == "canonical" => Some(("canonical", String::new())),
            Self::Link { href, hreflang, key, .. } => {
                Some(("link", key.as_ref().or(hreflang.as_ref()).unwrap_or(href).clone()))
            }
            Self::JsonLd { id, .. } => id.as_ref().map(|id| ("jsonld", id.clone())),
        }
    }

    pub(crate) fn meta(name: &str, content: impl Into<String>) -> Self {
        Self::Meta { name: name.to_owned(), content: content.into(), key: None }
    }

    pub(crate) fn property(property: &str, content: impl Into<String>) -> Self {
        Self::Property { property: property.to_owned(), content: content.into(), key: None }
    }

    pub(crate) fn canonical(href: impl Into<String>) -> Self {
        Self::Link { rel: "canonical".to_owned(), href: href.into(), hreflang: None, key: None }
    }

    pub(crate) fn json_ld(id: &str, graph: Value) -> Self {
        Self::JsonLd { id: Some(id.to_owned()), graph }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_contribution_that_breaks_a_rule_is_none() {
        for bad in [
            json!({"kind": "script", "src": "https://a.example"}),
            json!({"kind": "meta", "name": "a"}),
            json!({"kind": "meta", "name": 1, "content": "x"}),
            json!({"kind": "link", "rel": "stylesheet", "href": "https://a.example"}),
            json!({"kind": "link", "rel": "canonical", "href": "javascript:alert(1)"}),
            json!({"kind": "link", "rel": "canonical", "href": "/relative"}),
            json!({"kind": "jsonld", "graph": "text"}),
            json!(null),
        ] {
            assert_eq!(Contribution::parse(&bad), None, "{bad}");
        }
        assert!(
            Contribution::parse(&json!({"kind": "link", "rel": "author", "href": "AT://did:plc:x"}))
                .is_some()
        );
    }
}
