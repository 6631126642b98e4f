//! The head of a page: what plugins, the site and the page itself say about it, each thing once.

mod contribution;
mod json_ld;
mod page_context;

use std::collections::HashSet;

use async_trait::async_trait;
use emdash_document::render::escape;
use serde_json::Value;

pub use contribution::Contribution;
pub(crate) use json_ld::{breadcrumb_list, collection_page, primary};
pub use page_context::{ArticleMeta, Breadcrumb, ContentReference, PageKind, PageSeo, PublicPageContext};

/// What others add to the head of a public page (plugin contract §4.9).
#[async_trait]
pub trait PageMetadata: Send + Sync {
    /// The contributions to one page, the most important first. Whatever goes wrong inside contributes nothing.
    async fn contributions(&self, page: &PublicPageContext) -> Vec<Contribution>;
}

/// Nobody adds anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetadata;

#[async_trait]
impl PageMetadata for NoMetadata {
    async fn contributions(&self, _page: &PublicPageContext) -> Vec<Contribution> {
        Vec::new()
    }
}

/// Collects contributions in order of precedence: the first wins per key.
#[derive(Default)]
pub(crate) struct Head {
    seen: HashSet<(&'static str, String)>,
    meta: String,
    property: String,
    link: String,
    script: String,
}

impl Head {
    pub(crate) fn add(&mut self, contribution: &Contribution) {
        if contribution.key().is_some_and(|key| !self.seen.insert(key)) {
            return;
        }
        match contribution {
            Contribution::Meta { name, content, .. } => {
                push_tag(&mut self.meta, "meta", &[("name", name), ("content", content)]);
            }
            Contribution::Property { property, content, .. } => {
                push_tag(&mut self.property, "meta", &[("property", property), ("content", content)]);
            }
            Contribution::Link { rel, href, hreflang, .. } => match hreflang {
                Some(language) => {
                    push_tag(&mut self.link, "link", &[("rel", rel), ("hreflang", language), ("href", href)]);
                }
                None => push_tag(&mut self.link, "link", &[("rel", rel), ("href", href)]),
            },
            Contribution::JsonLd { graph, .. } => {
                self.script.push_str("<script type=\"application/ld+json\">");
                push_json(&mut self.script, graph);
                self.script.push_str("</script>\n");
            }
        }
    }

    /// Adds the address of a feed, which no plugin can take away.
    pub(crate) fn add_feed(&mut self, kind: &str, title: &str, href: &str) {
        let tag = [("rel", "alternate"), ("type", kind), ("title", title), ("href", href)];
        push_tag(&mut self.link, "link", &tag);
    }

    /// The tags, in the order meta, property, link, scripts.
    pub(crate) fn into_html(self, title: &str) -> String {
        let Self { meta, property, link, script, .. } = self;
        format!("<title>{}</title>\n{meta}{property}{link}{script}", escape(title))
    }
}

fn push_tag(out: &mut String, tag: &str, attributes: &[(&str, &str)]) {
    out.push('<');
    out.push_str(tag);
    for (name, value) in attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        out.push_str(&escape(value));
        out.push('"');
    }
    out.push_str(">\n");
}

/// JSON that cannot end its script element.
fn push_json(out: &mut String, value: &Value) {
    for character in value.to_string().chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn html(contributions: &[Value]) -> String {
        let mut head = Head::default();
        contributions.iter().filter_map(Contribution::parse).for_each(|one| head.add(&one));
        head.into_html("T")
    }

    #[test]
    fn the_first_contribution_wins_per_key() {
        let head = html(&[
            json!({"kind": "meta", "name": "description", "content": "plugin"}),
            json!({"kind": "meta", "name": "description", "content": "core"}),
            json!({"kind": "meta", "name": "description", "content": "second", "key": "other"}),
            json!({"kind": "link", "rel": "canonical", "href": "https://a.example/1", "key": "x"}),
            json!({"kind": "link", "rel": "canonical", "href": "https://a.example/2", "key": "y"}),
            json!({"kind": "link", "rel": "alternate", "href": "https://a.example/de", "hreflang": "de"}),
            json!({"kind": "link", "rel": "alternate", "href": "https://a.example/de2", "hreflang": "de"}),
            json!({"kind": "jsonld", "graph": {"n": 1}}),
            json!({"kind": "jsonld", "graph": {"n": 1}}),
            json!({"kind": "jsonld", "id": "primary", "graph": {"n": 2}}),
            json!({"kind": "jsonld", "id": "primary", "graph": {"n": 3}}),
            json!({"kind": "property", "property": "og:title", "content": "first"}),
        ]);
        insta::assert_snapshot!(head, @r#"
        <title>T</title>
        <meta name="description" content="plugin">
        <meta name="description" content="second">
        <meta property="og:title" content="first">
        <link rel="canonical" href="https://a.example/1">
        <link rel="alternate" hreflang="de" href="https://a.example/de">
        <script type="application/ld+json">{"n":1}</script>
        <script type="application/ld+json">{"n":1}</script>
        <script type="application/ld+json">{"n":2}</script>
        "#);
    }

    #[test]
    fn hostile_texts_stay_texts() {
        let head = html(&[
            json!({"kind": "meta", "name": "a\" onload=\"x", "content": "<script>'&"}),
            json!({"kind": "jsonld", "graph": {"</script><script>": "\u{2028}<!--"}}),
        ]);
        assert_eq!(head.matches("<script").count(), 1);
        assert_eq!(head.matches("</script").count(), 1);
        assert!(head.contains("name=\"a&quot; onload=&quot;x\" content=\"&lt;script&gt;&#39;&amp;\""));
        assert!(head.contains("\\u2028\\u003c!--"));
    }
}
