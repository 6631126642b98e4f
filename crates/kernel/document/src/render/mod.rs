//! Documents as HTML, feed text and plain text.
//!
//! The HTML is semantic and needs no script. Classes a theme may style: `has-text-align-*`, `align*`,
//! `gallery columns-N`, `code`, `table-scroll`, `columns`/`column`, `buttons`/`button button-*`,
//! `cover`/`cover-dim-N`/`cover-content`, `file`, `pullquote`, `embed embed-<provider>`, `html-block`.

mod embed;
mod escape;
mod inline;
mod list;
mod media;
mod raw;
mod table;
mod text;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde_json::Value;
use url::Url;

pub use embed::{FRAME_HOSTS, provider_of};
pub use escape::escape;
pub use text::{excerpt, plain_text, raw_text, reading_time};

use crate::block::{Block, Button, Columns, Pullquote, Style, TextBlock, blocks};
use crate::{PortableText, safe_href};

/// What a media id stands for, as the caller's library knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaSource {
    /// Address of the file.
    pub url: String,
    /// Alternative text, used where the document gives none.
    pub alt: Option<String>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
}

/// Looks up a media id or address.
pub type MediaLookup<'a> = &'a dyn Fn(&str) -> Option<MediaSource>;

/// How to render.
#[derive(Clone, Copy)]
pub struct RenderOptions<'a> {
    /// The highest heading the content may use: 2 where the page has its own `h1`. A document that starts
    /// higher is shifted as a whole, so its outline stays.
    pub top_heading: u8,
    /// Stands before generated heading ids, so that they never meet an id of the page.
    pub anchor_prefix: &'a str,
    /// Makes every address absolute, as feeds need it: the address of the entry's page.
    pub base_url: Option<&'a Url>,
    /// Resolves media ids to current addresses and sizes.
    pub media: Option<MediaLookup<'a>>,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self { top_heading: 2, anchor_prefix: "h-", base_url: None, media: None }
    }
}

impl fmt::Debug for RenderOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderOptions")
            .field("top_heading", &self.top_heading)
            .field("anchor_prefix", &self.anchor_prefix)
            .field("base_url", &self.base_url.map(Url::as_str))
            .field("media", &self.media.is_some())
            .finish()
    }
}

/// The document as HTML that is safe to put into a page as it is.
#[must_use]
pub fn html(document: &PortableText, options: &RenderOptions<'_>) -> String {
    let mut renderer = Renderer {
        options,
        out: String::with_capacity(1024),
        anchors: HashSet::new(),
        heading_shift: heading_shift(document, options.top_heading),
        tables: 0,
    };
    renderer.blocks(document.values());
    renderer.out
}

fn heading_shift(document: &PortableText, top: u8) -> u8 {
    fn highest(values: &[Value]) -> u8 {
        blocks(values)
            .map(|block| match block {
                Block::Text(TextBlock { style: Style::Heading(level), list: None, .. }) => level,
                Block::Columns(columns) => columns.columns().map(highest).min().unwrap_or(6),
                Block::Cover(cover) => highest(cover.content),
                _ => 6,
            })
            .min()
            .unwrap_or(6)
    }
    top.saturating_sub(highest(document.values()))
}

struct Renderer<'o> {
    options: &'o RenderOptions<'o>,
    out: String,
    anchors: HashSet<String>,
    heading_shift: u8,
    tables: usize,
}

impl Renderer<'_> {
    fn blocks(&mut self, values: &[Value]) {
        let mut run = blocks(values).peekable();
        while let Some(block) = run.next() {
            match block {
                Block::Text(text) if text.list.is_some() => {
                    let mut items = vec![text];
                    while let Some(Block::Text(next)) = run.peek()
                        && next.list.is_some()
                    {
                        items.push(*next);
                        run.next();
                    }
                    self.list(&items);
                }
                Block::Text(text) if text.style == Style::Blockquote => {
                    self.out.push_str("<blockquote>");
                    self.paragraph(text);
                    while let Some(Block::Text(next)) = run.peek()
                        && next.list.is_none()
                        && next.style == Style::Blockquote
                    {
                        let next = *next;
                        self.paragraph(next);
                        run.next();
                    }
                    self.out.push_str("</blockquote>\n");
                }
                other => self.block(other),
            }
        }
    }

    fn block(&mut self, block: Block<'_>) {
        match block {
            Block::Text(text) => match text.style {
                Style::Heading(level) => self.heading(text, level),
                Style::Normal | Style::Blockquote => self.paragraph(text),
            },
            Block::Image(image) => self.image(image),
            Block::Gallery(gallery) => self.gallery(gallery),
            Block::Code(code) => self.code(code),
            Block::Break(rule) => {
                if !matches!(rule.marker, Some("more" | "spacer")) {
                    self.out.push_str("<hr>\n");
                }
            }
            Block::Html(raw) => self.raw(raw.html),
            Block::Embed(embed) => self.embed(embed),
            Block::Table(table) => self.table(table),
            Block::Columns(columns) => self.columns(columns),
            Block::Button(button) => {
                self.out.push_str("<p class=\"buttons\">");
                self.button(button);
                self.out.push_str("</p>\n");
            }
            Block::Buttons(row) => {
                self.out.push_str("<p class=\"buttons\">");
                for (index, button) in row.buttons().enumerate() {
                    if index > 0 {
                        self.out.push(' ');
                    }
                    self.button(button);
                }
                self.out.push_str("</p>\n");
            }
            Block::Cover(cover) => self.cover(cover),
            Block::File(file) => self.file(file),
            Block::Pullquote(quote) => self.pullquote(quote),
            Block::Unknown(_) => {}
        }
    }

    fn paragraph(&mut self, text: TextBlock<'_>) {
        if text.content.text().trim().is_empty() {
            return;
        }
        self.open_text("p", text, None);
        self.inline(text.content);
        self.out.push_str("</p>\n");
    }

    fn heading(&mut self, text: TextBlock<'_>, level: u8) {
        let words = text.content.text();
        if words.trim().is_empty() {
            return;
        }
        let level = level.saturating_add(self.heading_shift).clamp(1, 6);
        let tag = ["h1", "h2", "h3", "h4", "h5", "h6"].get(usize::from(level - 1)).copied().unwrap_or("h6");
        let anchor = self.anchor(text.anchor, &words);
        self.open_text(tag, text, Some(&anchor));
        self.inline(text.content);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }

    fn open_text(&mut self, tag: &str, text: TextBlock<'_>, id: Option<&str>) {
        self.out.push('<');
        self.out.push_str(tag);
        if let Some(id) = id {
            self.attribute("id", id);
        }
        if let Some(align) = text.align {
            self.attribute("class", &format!("has-text-align-{}", align.name()));
        }
        self.out.push('>');
    }

    /// An id no other heading of this document has.
    fn anchor(&mut self, chosen: Option<&str>, words: &str) -> String {
        let usable = chosen.filter(|id| !id.contains(|character: char| character.is_whitespace()));
        let base = usable.map_or_else(
            || format!("{}{}", self.options.anchor_prefix, emdash_types::slugify(words)),
            ToOwned::to_owned,
        );
        let mut anchor = base.clone();
        let mut number = 2_u32;
        while !self.anchors.insert(anchor.clone()) {
            anchor = format!("{base}-{number}");
            number += 1;
        }
        anchor
    }

    fn columns(&mut self, columns: Columns<'_>) {
        self.out.push_str("<div class=\"columns columns-");
        self.out.push_str(&columns.columns().len().clamp(1, 9).to_string());
        self.out.push_str("\">\n");
        for column in columns.columns() {
            self.out.push_str("<div class=\"column\">\n");
            self.blocks(column);
            self.out.push_str("</div>\n");
        }
        self.out.push_str("</div>\n");
    }

    fn button(&mut self, button: Button<'_>) {
        let style = match button.style {
            Some("outline") => "button button-outline",
            Some("fill") => "button button-fill",
            _ => "button",
        };
        match button.url.and_then(|url| self.address(url)) {
            Some(url) => {
                self.out.push_str("<a");
                self.attribute("class", style);
                self.attribute("href", &url);
                self.out.push('>');
                escape::push(&mut self.out, button.text);
                self.out.push_str("</a>");
            }
            None => {
                self.out.push_str("<span");
                self.attribute("class", style);
                self.out.push('>');
                escape::push(&mut self.out, button.text);
                self.out.push_str("</span>");
            }
        }
    }

    fn pullquote(&mut self, quote: Pullquote<'_>) {
        self.out.push_str("<figure class=\"pullquote\"><blockquote>");
        for paragraph in quote.text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            self.out.push_str("<p>");
            self.lines(paragraph);
            self.out.push_str("</p>");
        }
        self.out.push_str("</blockquote>");
        self.caption(quote.citation);
        self.out.push_str("</figure>\n");
    }

    fn caption(&mut self, caption: Option<&str>) {
        if let Some(caption) = caption {
            self.out.push_str("<figcaption>");
            self.lines(caption);
            self.out.push_str("</figcaption>");
        }
    }

    /// Text whose line feeds are hard breaks.
    fn lines(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.out.push_str("<br>");
            }
            escape::push(&mut self.out, line);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape::push(&mut self.out, value);
        self.out.push('"');
    }

    /// A link's address as it may stand in the page, absolute where the options want that.
    fn address(&self, href: &str) -> Option<String> {
        safe_href(href).map(|clean| self.absolute(clean))
    }

    /// Like [`Self::address`], for what the page loads by itself.
    fn source(&self, source: &str) -> Option<String> {
        crate::href::safe_source(source).map(|clean| self.absolute(clean))
    }

    fn absolute(&self, href: Cow<'_, str>) -> String {
        match self.options.base_url {
            Some(base) if href.starts_with(['/', '#']) => {
                base.join(&href).map_or_else(|_| href.into_owned(), String::from)
            }
            _ => href.into_owned(),
        }
    }
}
