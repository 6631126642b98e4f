//! What plugins add to the head of a page (plugin contract §4.9).

use std::collections::BTreeSet;

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

/// Relations a plugin may set.
const RELATIONS: [&str; 6] =
    ["canonical", "alternate", "author", "license", "nlweb", "site.standard.document"];
/// Schemes a link may have.
const SCHEMES: [&str; 3] = ["http://", "https://", "at://"];
/// Contributions of all plugins to one page.
const MAX_CONTRIBUTIONS: usize = 200;

/// Contributions to one page: the first of each key wins.
#[derive(Default)]
pub(crate) struct Contributions {
    list: Vec<Contribution>,
    keys: BTreeSet<String>,
}

impl Contributions {
    /// Adds a plugin's answer: one contribution, an array of them, or nothing. What breaks a rule is left out.
    pub(crate) fn add(&mut self, answer: &Value) {
        let items = answer.as_array().map_or(std::slice::from_ref(answer), Vec::as_slice);
        for item in items {
            if let Some(contribution) = Contribution::deserialize(item).ok().filter(Contribution::is_allowed)
            {
                self.push(contribution);
            }
        }
    }

    fn push(&mut self, contribution: Contribution) {
        let is_first = contribution.key().is_none_or(|key| self.keys.insert(key));
        if is_first && self.list.len() < MAX_CONTRIBUTIONS {
            self.list.push(contribution);
        }
    }

    pub(crate) fn into_list(self) -> Vec<Contribution> {
        self.list
    }
}

impl Contribution {
    fn is_allowed(&self) -> bool {
        match self {
            Self::Link { rel, href, .. } => {
                let href = href.to_ascii_lowercase();
                RELATIONS.contains(&rel.as_str()) && SCHEMES.iter().any(|scheme| href.starts_with(scheme))
            }
            Self::JsonLd { graph, .. } => graph.is_object() || graph.is_array(),
            Self::Meta { .. } | Self::Property { .. } => true,
        }
    }

    /// What makes two contributions the same; `None` where each is added.
    fn key(&self) -> Option<String> {
        match self {
            Self::Meta { name, key, .. } => Some(format!("meta {}", key.as_ref().unwrap_or(name))),
            Self::Property { property, key, .. } => {
                Some(format!("property {}", key.as_ref().unwrap_or(property)))
            }
            Self::Link { rel, .. } if rel == "canonical" => Some("canonical".to_owned()),
            Self::Link { href, hreflang, key, .. } => {
                Some(format!("link {}", key.as_ref().or(hreflang.as_ref()).unwrap_or(href)))
            }
            Self::JsonLd { id, .. } => id.as_ref().map(|id| format!("jsonld {id}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accepted(answers: &[Value]) -> Value {
        let mut contributions = Contributions::default();
        answers.iter().for_each(|answer| contributions.add(answer));
        serde_json::to_value(contributions.into_list()).unwrap()
    }

    #[test]
    fn the_first_of_each_key_wins_and_a_canonical_link_is_one() {
        let first = json!([
            {"kind": "meta", "name": "description", "content": "a"},
            {"kind": "link", "rel": "canonical", "href": "https://a.com/1"},
            {"kind": "jsonld", "graph": {}},
        ]);
        let second = json!([
            {"kind": "meta", "name": "description", "content": "b"},
            {"kind": "meta", "name": "description", "content": "c", "key": "other"},
            {"kind": "link", "rel": "canonical", "href": "https://a.com/2"},
            {"kind": "link", "rel": "site.standard.document", "href": "AT://did/x"},
            {"kind": "jsonld", "graph": []},
        ]);
        assert_eq!(
            accepted(&[first, second]),
            json!([
                {"kind": "meta", "name": "description", "content": "a"},
                {"kind": "link", "rel": "canonical", "href": "https://a.com/1"},
                {"kind": "jsonld", "graph": {}},
                {"kind": "meta", "name": "description", "content": "c", "key": "other"},
                {"kind": "link", "rel": "site.standard.document", "href": "AT://did/x"},
                {"kind": "jsonld", "graph": []},
            ])
        );
    }

    #[test]
    fn what_breaks_a_rule_is_left_out() {
        let answers = [
            json!(null),
            json!("text"),
            json!({"kind": "link", "rel": "stylesheet", "href": "https://a.com/x.css"}),
            json!({"kind": "link", "rel": "alternate", "href": "javascript:alert(1)"}),
            json!({"kind": "meta", "name": 1, "content": "a"}),
            json!({"kind": "jsonld", "graph": "</script>"}),
            json!({"kind": "script", "src": "https://a.com/x.js"}),
        ];
        assert_eq!(accepted(&answers), json!([]));
    }
}
