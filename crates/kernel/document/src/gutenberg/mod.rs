//! WordPress post content as Portable Text (CMS contract §5.3), with a report of everything that was
//! dropped, simplified or kept as raw HTML.

mod attachments;
mod attributes;
mod blocks;
mod build;
mod comments;
mod figure;
mod flow;
mod report;
mod shortcode;
mod spans;
mod table;

use std::fmt;

use serde_json::Value;
use url::Url;

pub use attachments::{Attachment, Attachments};
pub use report::{Note, NoteKind};

use crate::PortableText;
use crate::render::raw_text;
use blocks::Blocks;
use flow::Flow;
use report::Report;

/// Rewrites the address of a link, for instance to another entry of the same import.
pub type LinkRewriter<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the converter may know about the site the content comes from.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// Address of the post, against which relative addresses are read.
    pub base_url: Option<&'a Url>,
    /// The media library.
    pub attachments: Option<&'a Attachments>,
    /// Ids of the images attached to the post, in order: what a `[gallery]` without ids shows.
    pub gallery: &'a [u64],
    /// Rewrites links.
    pub rewrite_link: Option<LinkRewriter<'a>>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("base_url", &self.base_url.map(Url::as_str))
            .field("gallery", &self.gallery)
            .finish_non_exhaustive()
    }
}

/// The document and what did not survive unchanged.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The document.
    pub document: PortableText,
    /// One note per kind of thing, with how often it occurred.
    pub report: Vec<Note>,
}

/// Converts post content: block markup where it has block comments, classic HTML around and without them.
/// Never fails: what has no place in a document is kept as raw HTML, and the report says so. Keys are
/// positions, so the same content always gives the same document.
#[must_use]
pub fn convert(content: &str, context: &Context<'_>) -> Conversion {
    let mut converter = Converter { context, report: Report::default() };
    let pieces = comments::parse(content, &mut converter.report);
    let mut blocks = Vec::new();
    Blocks { converter: &mut converter, depth: 0 }.pieces(&pieces, &mut blocks);
    build::assign_keys(&mut blocks, "b");
    Conversion { document: PortableText::from_blocks(blocks), report: converter.report.into_notes() }
}

struct Converter<'a> {
    context: &'a Context<'a>,
    report: Report,
}

impl Converter<'_> {
    /// Markup without block comments; `classic` gives line feeds the meaning WordPress gives them.
    fn html(&mut self, html: &str, classic: bool, out: &mut Vec<Value>) {
        if html.trim().is_empty() {
            return;
        }
        if crate::markup::nests_too_deep(html) {
            self.report.kept("deeply nested markup", &excerpt(html));
            out.push(build::raw(html));
            return;
        }
        let (marked, shortcodes) = shortcode::extract(html, &mut self.report);
        let tree = scraper::Html::parse_fragment(&marked);
        let mut flow = Flow::new(self, classic, shortcodes);
        flow.children(tree.root_element());
        out.extend(flow.finish());
    }

    /// A link's address as the document stores it; nothing where it may not be stored.
    fn link(&mut self, href: &str) -> Option<String> {
        let resolved = self.resolve(href);
        let Some(safe) = crate::safe_href(&resolved) else {
            if !href.trim().is_empty() {
                self.report.dropped("link with an address that is not allowed", &excerpt(href));
            }
            return None;
        };
        let attachment = self.context.attachments.and_then(|attachments| attachments.find(&safe));
        let rewritten = attachment
            .and_then(|attachment| attachment.media_url.clone())
            .or_else(|| self.context.rewrite_link.and_then(|rewrite| rewrite(&safe)));
        Some(rewritten.unwrap_or_else(|| safe.into_owned()))
    }

    /// The address of something a page loads.
    fn source(&self, source: &str) -> Option<String> {
        crate::href::safe_source(&self.resolve(source)).map(std::borrow::Cow::into_owned)
    }

    /// The address a file has here, once it is here.
    fn here(&self, url: &str) -> String {
        let known = self.context.attachments.and_then(|attachments| attachments.find(url));
        known.and_then(|known| known.media_url.clone()).unwrap_or_else(|| url.to_owned())
    }

    /// Relative addresses become absolute; paths and fragments stay.
    fn resolve(&self, href: &str) -> String {
        let href = href.trim();
        let relative = !href.is_empty() && !href.starts_with(['/', '#']) && Url::parse(href).is_err();
        match self.context.base_url.filter(|_| relative) {
            Some(base) => base.join(href).map_or_else(|_| href.to_owned(), String::from),
            None => href.to_owned(),
        }
    }
}

/// The beginning of something long, for a note.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 120;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Whether a piece of wrapper markup shows anything.
fn has_words(html: &str) -> bool {
    html.contains(|character: char| character.is_alphanumeric()) && !raw_text(html).is_empty()
}
