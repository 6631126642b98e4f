//! HTML blocks: raw markup cut down to an allow list.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node, node::Element};
use url::Url;

use super::{Renderer, embed, escape};
use crate::markup::nests_too_deep;

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang"]),
    ("audio", &["src", "controls", "loop", "preload"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("iframe", &["src", "title", "sandbox", "loading", "allowfullscreen"]),
    ("img", &["src", "alt", "width", "height", "loading", "decoding"]),
    ("ins", &["datetime"]),
    ("ol", &["start", "reversed", "type"]),
    ("source", &["src", "type"]),
    ("td", &["colspan", "rowspan", "headers"]),
    ("th", &["colspan", "rowspan", "headers", "scope", "abbr"]),
    ("time", &["datetime"]),
    ("video", &["src", "poster", "controls", "loop", "muted", "preload", "playsinline", "width", "height"]),
];

const CLASSES: &[&str] = &["alignleft", "aligncenter", "alignright", "alignwide", "alignfull", "alignnone"];

static PLAIN: LazyLock<Builder<'static>> = LazyLock::new(|| builder(UrlRelative::PassThrough));

fn builder(relative: UrlRelative<'static>) -> Builder<'static> {
    let set = |words: &[&'static str]| words.iter().copied().collect::<HashSet<_>>();
    let mut builder = Builder::empty();
    builder
        .tags(set(TAGS))
        .clean_content_tags(set(&[
            "script", "style", "template", "noscript", "svg", "math", "object", "title",
        ]))
        .tag_attributes(ATTRIBUTES.iter().map(|(tag, names)| (*tag, set(names))).collect())
        .generic_attributes(set(&["title", "lang", "dir"]))
        .url_schemes(set(&["http", "https", "mailto", "tel"]))
        .url_relative(relative)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .allowed_classes(["div", "figure", "img", "p", "table"].map(|tag| (tag, set(CLASSES))).into())
        .attribute_filter(|tag, name, value| match (tag, name) {
            // Every frame was replaced by one of ours before; this holds even if that ever fails.
            ("iframe", "src") => embed::frame_address(value).filter(|frame| frame == value).map(Cow::Owned),
            ("iframe", "sandbox") => Some(Cow::Borrowed(embed::FRAME_SANDBOX)),
            _ => Some(Cow::Borrowed(value)),
        });
    builder
}

impl Renderer<'_> {
    pub(super) fn raw(&mut self, html: &str) {
        if nests_too_deep(html) {
            return;
        }
        let prepared = prepare(html, self.options.top_heading);
        let clean = match self.options.base_url {
            Some(base) => builder(UrlRelative::RewriteWithBase(base.clone())).clean(&prepared),
            None => PLAIN.clean(&prepared),
        }
        .to_string();
        if !clean.trim().is_empty() {
            self.out.push_str("<div class=\"html-block\">");
            self.out.push_str(&clean);
            self.out.push_str("</div>\n");
        }
    }
}

/// Rewrites what a plain allow list cannot: frames become a trusted frame or a link, and headings start
/// where the page wants them. Whatever comes out is still cleaned afterwards.
fn prepare(html: &str, top_heading: u8) -> String {
    let tree = Html::parse_fragment(html);
    let mut out = String::with_capacity(html.len() + 64);
    for edge in tree.root_element().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) if element.name() == "iframe" => frame(element, &mut out),
                Node::Element(element) if element.name() == "img" => image(element, &mut out),
                Node::Element(element) => open(element, top_heading, &mut out),
                Node::Text(text) if !is_hidden(node.parent().and_then(ElementRef::wrap)) => {
                    escape::push(&mut out, text);
                }
                _ => {}
            },
            Edge::Close(node) => match node.value() {
                Node::Element(element) if element.name() != "iframe" && !is_void(element.name()) => {
                    out.push_str("</");
                    out.push_str(name(element, top_heading));
                    out.push('>');
                }
                _ => {}
            },
        }
    }
    out
}

fn is_hidden(parent: Option<ElementRef<'_>>) -> bool {
    parent.is_some_and(|parent| {
        matches!(
            parent.value().name(),
            "script" | "style" | "iframe" | "noscript" | "template" | "noembed" | "xmp"
        )
    })
}

fn name(element: &Element, top_heading: u8) -> &str {
    match (element.name(), top_heading) {
        ("h1", 2..) => "h2",
        (name, _) => name,
    }
}

fn open(element: &Element, top_heading: u8, out: &mut String) {
    out.push('<');
    out.push_str(name(element, top_heading));
    for (name, value) in element.attrs() {
        attribute(name, value, out);
    }
    out.push('>');
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape::push(out, value);
    out.push('"');
}

/// A picture; its alternative text where its address may not be loaded.
fn image(element: &Element, out: &mut String) {
    let source = element.attr("src").unwrap_or_default().trim();
    let is_foreign = Url::parse(source).is_ok_and(|url| !matches!(url.scheme(), "http" | "https"));
    if source.is_empty() || is_foreign {
        escape::push(out, element.attr("alt").unwrap_or_default());
        return;
    }
    out.push_str("<img");
    // Without alternative text, even empty, a screen reader reads the address.
    for (name, fallback) in
        [("src", None), ("alt", Some("")), ("width", None), ("height", None), ("class", None)]
    {
        if let Some(value) = element.attr(name).or(fallback) {
            attribute(name, value, out);
        }
    }
    out.push_str(" loading=\"lazy\" decoding=\"async\">");
}

fn frame(element: &Element, out: &mut String) {
    let source = element.attr("src").map(str::trim).unwrap_or_default();
    let source = if source.starts_with("//") { format!("https:{source}") } else { source.to_owned() };
    let title = element.attr("title").filter(|title| !title.trim().is_empty());
    if let Some(address) = embed::frame_address(&source) {
        out.push_str("<iframe");
        attribute("src", &address, out);
        attribute("title", title.unwrap_or("Embedded content"), out);
        attribute("sandbox", embed::FRAME_SANDBOX, out);
        out.push_str(" loading=\"lazy\" allowfullscreen></iframe>");
    } else if let Ok(url) = Url::parse(&source)
        && matches!(url.scheme(), "http" | "https")
    {
        out.push_str("<a");
        attribute("href", url.as_str(), out);
        out.push('>');
        escape::push(out, title.or(url.host_str()).unwrap_or("Embedded content"));
        out.push_str("</a>");
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}
