//! HTML elements as blocks.

use ego_tree::NodeRef;
use scraper::{ElementRef, Node};
use serde_json::Value;

use super::attributes::{alignment, language_of};
use super::shortcode::{self, PLACEHOLDER, Shortcode};
use super::spans::{Mark, Spans};
use super::{Converter, build, excerpt};
use crate::render::{provider_of, raw_text};

/// Deepest tree that is walked; the parser can build deeper ones than were written.
const MAX_WALK: usize = 400;

/// Elements that become a decorator, and whether that loses what they mean.
const DECORATORS: [(&str, &str, bool); 18] = [
    ("strong", "strong", false),
    ("b", "strong", false),
    ("em", "em", false),
    ("i", "em", false),
    ("u", "underline", false),
    ("s", "strike-through", false),
    ("strike", "strike-through", false),
    ("del", "strike-through", false),
    ("code", "code", false),
    ("sub", "subscript", false),
    ("sup", "superscript", false),
    ("ins", "underline", true),
    ("cite", "em", true),
    ("dfn", "em", true),
    ("var", "em", true),
    ("kbd", "code", true),
    ("samp", "code", true),
    ("tt", "code", true),
];

struct List {
    ordered: bool,
    /// The number of the next item.
    number: i64,
    /// The next item must say its number: it is the first, or something stands between it and the last.
    say_number: bool,
    /// The current item has its text; more text makes another item.
    written: bool,
}

impl List {
    fn new(ordered: bool, start: Option<i64>) -> Self {
        let say_number = start.is_some_and(|start| start != 1);
        Self { ordered, number: start.unwrap_or(1), say_number, written: false }
    }
}

/// Walks a tree of elements and writes blocks.
pub(super) struct Flow<'c, 'a> {
    pub(super) converter: &'c mut Converter<'a>,
    pub(super) out: Vec<Value>,
    pub(super) shortcodes: Vec<Shortcode>,
    classic: bool,
    style: &'static str,
    align: Option<&'static str>,
    anchor: Option<String>,
    lists: Vec<List>,
    list_name: Option<String>,
    lists_seen: usize,
    marks: Vec<Mark>,
    spans: Spans,
    depth: usize,
}

impl<'c, 'a> Flow<'c, 'a> {
    pub(super) fn new(converter: &'c mut Converter<'a>, classic: bool, shortcodes: Vec<Shortcode>) -> Self {
        Self {
            converter,
            out: Vec::new(),
            shortcodes,
            classic,
            style: "normal",
            align: None,
            anchor: None,
            lists: Vec::new(),
            list_name: None,
            lists_seen: 0,
            marks: Vec::new(),
            spans: Spans::default(),
            depth: 0,
        }
    }

    pub(super) fn finish(mut self) -> Vec<Value> {
        self.flush();
        self.out
    }

    pub(super) fn children(&mut self, parent: ElementRef<'_>) {
        if self.depth > MAX_WALK {
            self.converter.report.simplified("deeply nested markup", "only its words are kept");
            let words: String = parent.text().collect();
            self.text(&words);
            return;
        }
        self.depth += 1;
        for node in parent.children() {
            self.node(node);
        }
        self.depth -= 1;
    }

    fn node(&mut self, node: NodeRef<'_, Node>) {
        match node.value() {
            Node::Text(text) => self.text(text),
            Node::Comment(comment) => self.comment(comment),
            Node::Element(_) => {
                if let Some(element) = ElementRef::wrap(node) {
                    self.element(element);
                }
            }
            _ => {}
        }
    }

    fn comment(&mut self, comment: &str) {
        let word = comment.trim();
        if let Some(label) = word.strip_prefix("more").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            self.flush();
            if !label.trim().is_empty() {
                self.converter.report.dropped("<!--more--> label", label.trim());
            }
            self.out.push(build::rule(Some("more")));
        } else if word == "nextpage" {
            self.flush();
            self.converter
                .report
                .simplified("<!--nextpage-->", "the pages are joined, with a rule between them");
            self.out.push(build::rule(Some("nextpage")));
        } else if word == "noteaser" {
            self.converter.report.dropped("<!--noteaser-->", "");
        } else if !word.is_empty() {
            self.converter.report.dropped("HTML comment", &excerpt(word));
        }
    }

    fn element(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        if name != "img" {
            self.converter.report_attributes(element);
        }
        if name == "code" && self.classic && element.text().any(|text| text.contains('\n')) {
            self.preformatted(element);
            return;
        }
        if let Some((_, decorator, loses)) = DECORATORS.iter().find(|(tag, _, _)| *tag == name) {
            if *loses {
                self.converter.report.simplified(&format!("<{name}>"), &format!("shown as {decorator}"));
            }
            self.marked(element, Mark::Decorator(decorator));
            return;
        }
        match name {
            "a" => self.link(element),
            "br" => self.spans.line_break(),
            "img" => self.image(element),
            "p" => self.paragraph(element, "normal"),
            "h1" => self.heading(element, "h1"),
            "h2" => self.heading(element, "h2"),
            "h3" => self.heading(element, "h3"),
            "h4" => self.heading(element, "h4"),
            "h5" => self.heading(element, "h5"),
            "h6" => self.heading(element, "h6"),
            "ul" | "ol" | "menu" | "dir" => self.list(element, name == "ol"),
            "li" => self.item(element),
            "dl" => self.definitions(element),
            "dt" | "dd" => self.definition(element, name == "dt"),
            "blockquote" => self.quote(element),
            "q" => {
                self.converter.report.simplified("<q>", "shown with quotation marks");
                self.text("“");
                self.children(element);
                self.text("”");
            }
            "pre" | "xmp" | "listing" => self.preformatted(element),
            "hr" => self.block(build::rule(None)),
            "table" => self.table(element, None),
            "figure" => self.figure(element),
            "iframe" | "video" | "audio" => self.media(element, None),
            PLACEHOLDER => self.placeholder(element),
            "div" | "section" | "article" | "main" | "header" | "footer" | "aside" | "nav" | "hgroup"
            | "html" | "body" | "figcaption" | "address" | "center" | "caption" | "legend" => {
                self.container(element)
            }
            "span" | "wbr" | "picture" | "source" => self.children(element),
            "script" | "style" | "object" | "embed" | "form" | "input" | "select" | "textarea" | "button"
            | "svg" | "math" | "canvas" | "noscript" | "details" | "map" | "template" | "link" | "meta"
            | "applet" | "marquee" | "fieldset" | "dialog" | "progress" | "meter" | "ruby" | "frameset"
            | "param" => {
                self.keep(element, &format!("<{name}>"));
            }
            other => {
                let what = format!("<{other}>");
                self.converter.report.simplified(&what, "only its words are kept");
                self.children(element);
            }
        }
    }

    /// Markup that stays as it is.
    pub(super) fn keep(&mut self, element: ElementRef<'_>, what: &str) {
        let html = shortcode::restore(&element.html(), &self.shortcodes);
        self.converter.report.kept(what, &excerpt(&html));
        self.block(build::raw(&html));
    }

    /// A block between the text so far and the text that follows.
    pub(super) fn block(&mut self, block: Value) {
        self.flush();
        if !self.lists.is_empty() {
            self.converter.report.simplified("block inside a list", "it stands between the items");
            self.lists.iter_mut().for_each(|list| list.say_number = true);
        }
        self.out.push(block);
    }

    fn marked(&mut self, element: ElementRef<'_>, mark: Mark) {
        if self.marks.contains(&mark) {
            self.children(element);
            return;
        }
        self.marks.push(mark);
        self.children(element);
        self.marks.pop();
    }

    fn link(&mut self, element: ElementRef<'_>) {
        let href = element.attr("href").unwrap_or_default();
        match self.converter.link(href) {
            Some(href) => {
                let blank = element.attr("target") == Some("_blank");
                self.marked(element, Mark::Link { href, blank });
            }
            None => self.children(element),
        }
    }

    /// The address of the link around the current place.
    pub(super) fn current_link(&self) -> Option<String> {
        self.marks.iter().rev().find_map(|mark| match mark {
            Mark::Link { href, .. } => Some(href.clone()),
            Mark::Decorator(_) => None,
        })
    }

    fn paragraph(&mut self, element: ElementRef<'_>, style: &'static str) {
        self.boundary();
        let before = (self.style, self.align);
        if style != "normal" {
            self.style = style;
        }
        self.align = alignment(element).or(self.align);
        self.children(element);
        self.boundary();
        (self.style, self.align) = before;
    }

    fn heading(&mut self, element: ElementRef<'_>, style: &'static str) {
        self.flush();
        self.anchor = element.attr("id").map(ToOwned::to_owned);
        self.paragraph(element, style);
        self.flush();
        self.anchor = None;
    }

    fn container(&mut self, element: ElementRef<'_>) {
        self.boundary();
        let before = self.align;
        self.align = match element.value().name() {
            "center" => Some("center"),
            _ => alignment(element).or(before),
        };
        self.children(element);
        self.boundary();
        self.align = before;
    }

    fn quote(&mut self, element: ElementRef<'_>) {
        self.flush();
        let before = (self.style, self.align);
        (self.style, self.align) = ("blockquote", alignment(element).or(before.1));
        for node in element.children() {
            match ElementRef::wrap(node) {
                Some(source) if matches!(source.value().name(), "cite" | "footer") => self.citation(source),
                _ => self.node(node),
            }
        }
        self.flush();
        (self.style, self.align) = before;
    }

    /// The source of a quote: a paragraph after it (CMS contract §5.3).
    fn citation(&mut self, element: ElementRef<'_>) {
        self.flush();
        if !element.text().any(|text| !text.trim().is_empty()) {
            return;
        }
        let before = self.style;
        self.style = "normal";
        self.text("— ");
        self.children(element);
        self.flush();
        self.style = before;
    }

    fn list(&mut self, element: ElementRef<'_>, ordered: bool) {
        self.flush();
        if self.lists.is_empty() {
            self.lists_seen += 1;
            let follows_list = self.out.last().is_some_and(|block| block.get("listItem").is_some());
            self.list_name = follows_list.then(|| format!("list{}", self.lists_seen));
        }
        let start = element.attr("start").and_then(|start| start.trim().parse().ok()).filter(|_| ordered);
        self.lists.push(List::new(ordered, start));
        self.children(element);
        self.flush();
        self.lists.pop();
    }

    fn item(&mut self, element: ElementRef<'_>) {
        self.flush();
        let loose = self.lists.is_empty();
        if loose {
            self.lists.push(List::new(false, None));
        }
        if let Some(list) = self.lists.last_mut() {
            list.written = false;
        }
        self.children(element);
        self.flush();
        if loose {
            self.lists.pop();
        }
    }

    fn definitions(&mut self, element: ElementRef<'_>) {
        self.flush();
        if super::figure::is_caption_list(element) {
            self.figure(element);
        } else {
            self.converter.report.simplified("<dl>", "terms are bold paragraphs, definitions follow them");
            self.children(element);
            self.flush();
        }
    }

    fn definition(&mut self, element: ElementRef<'_>, is_term: bool) {
        self.flush();
        if is_term {
            self.marked(element, Mark::Decorator("strong"));
        } else {
            self.children(element);
        }
        self.flush();
    }

    fn preformatted(&mut self, element: ElementRef<'_>) {
        let mut code = String::new();
        let mut loses = false;
        let mut language = None;
        for node in element.descendants() {
            match node.value() {
                Node::Text(text) => code.push_str(text),
                Node::Element(inner) if inner.name() == "br" => code.push('\n'),
                Node::Element(inner) => {
                    language = language.or_else(|| language_of(inner.attr("class")));
                    loses |= !matches!(inner.name(), "pre" | "code" | "span" | "xmp" | "listing");
                }
                _ => {}
            }
        }
        if loses {
            self.converter.report.simplified("markup in <pre>", &excerpt(&element.inner_html()));
        }
        let mut block = build::block("code");
        block.insert("code".to_owned(), Value::from(code.trim_matches('\n')));
        build::set(&mut block, "language", language);
        self.block(Value::Object(block));
    }

    /// Text, with white space as HTML reads it; in classic content a line feed is a break and two are a
    /// new paragraph, as WordPress has it.
    pub(super) fn text(&mut self, text: &str) {
        if !self.classic {
            self.spans.push(text, &self.marks);
            return;
        }
        let text = text.replace("\r\n", "\n");
        let mut lines = text.split('\n');
        if let Some(first) = lines.next() {
            self.spans.push(first, &self.marks);
        }
        let mut empty = false;
        for line in lines {
            if empty {
                self.boundary();
            } else {
                self.spans.soft_break();
            }
            self.spans.push(line, &self.marks);
            empty = line.trim().is_empty();
        }
    }

    /// A paragraph ends: a new block, or a new line inside a list item.
    fn boundary(&mut self) {
        if self.lists.is_empty() {
            self.flush();
        } else {
            self.spans.soft_break();
        }
    }

    /// Writes the text so far as a block.
    pub(super) fn flush(&mut self) {
        let spans = self.spans.take();
        if spans.is_empty() {
            return;
        }
        if let Some(text) = spans.plain()
            && self.classic
            && self.lists.is_empty()
            && self.style == "normal"
            && !text.contains(char::is_whitespace)
            && let Some(provider) = provider_of(text)
        {
            let block = build::embed(text, Some(provider), None);
            self.out.push(block);
            return;
        }
        let block = self.text_block(&spans);
        self.out.push(block);
    }

    fn text_block(&mut self, spans: &Spans) -> Value {
        let mut block = build::block("block");
        let style = if self.lists.is_empty() { self.style } else { "normal" };
        block.insert("style".to_owned(), Value::from(style));
        let level = self.lists.len();
        let name = self.list_name.clone();
        if let Some(list) = self.lists.last_mut() {
            block.insert("listItem".to_owned(), Value::from(if list.ordered { "number" } else { "bullet" }));
            block.insert("level".to_owned(), Value::from(level));
            build::set(&mut block, "listId", name);
            if list.ordered && std::mem::take(&mut list.say_number) {
                block.insert("listStart".to_owned(), Value::from(list.number));
            }
            list.number = list.number.saturating_add(1);
            if std::mem::replace(&mut list.written, true) {
                self.converter
                    .report
                    .simplified("list item with more than one block", "each is an item of its own");
            }
            if self.style != "normal" {
                self.converter.report.simplified("heading or quote inside a list", "it is text of the item");
            }
        }
        build::set(&mut block, "textAlign", self.align);
        build::set(&mut block, "anchor", self.anchor.clone());
        let (children, links) = spans.to_json();
        block.insert("markDefs".to_owned(), Value::Array(links));
        block.insert("children".to_owned(), Value::Array(children));
        Value::Object(block)
    }

    /// The text of an element as spans, for a table cell; blocks in it become lines.
    pub(super) fn cell(&mut self, element: ElementRef<'_>) -> (Vec<Value>, Vec<Value>) {
        self.flush();
        let before = (std::mem::take(&mut self.marks), std::mem::take(&mut self.lists));
        // A list turns every boundary inside into a line feed.
        self.lists.push(List::new(false, None));
        self.children(element);
        let spans = self.spans.take();
        (self.marks, self.lists) = before;
        spans.to_json()
    }
}

/// Words of an element on one line, for captions and labels.
pub(super) fn words(element: ElementRef<'_>) -> String {
    raw_text(&element.inner_html())
}
