//! Spans: links around decorators around text.

use super::Renderer;
use crate::block::{Inline, Span};

/// Decorators in the order of the contract, with their elements.
const DECORATORS: [(&str, &str); 7] = [
    ("strong", "strong"),
    ("em", "em"),
    ("underline", "u"),
    ("strike-through", "s"),
    ("subscript", "sub"),
    ("superscript", "sup"),
    ("code", "code"),
];

impl Renderer<'_> {
    /// Neighbouring spans of one link become one link.
    pub(super) fn inline(&mut self, inline: Inline<'_>) {
        let mut open: Option<&str> = None;
        for span in inline.spans() {
            let link = span.link.and_then(|link| Some((link, self.address(link.href)?)));
            let key = link.as_ref().map(|(link, _)| link.key);
            if open != key {
                if open.is_some() {
                    self.out.push_str("</a>");
                }
                if let Some((link, href)) = link {
                    self.out.push_str("<a");
                    self.attribute("href", &href);
                    if link.blank {
                        self.out.push_str(" target=\"_blank\" rel=\"noopener noreferrer\"");
                    }
                    self.out.push('>');
                }
                open = key;
            }
            self.span(span);
        }
        if open.is_some() {
            self.out.push_str("</a>");
        }
    }

    /// The first mark is innermost (CMS contract §5.5).
    fn span(&mut self, span: Span<'_>) {
        let mut elements: Vec<&str> = Vec::new();
        for decorator in span.decorators() {
            let element = DECORATORS.iter().find(|(name, _)| *name == decorator).map(|(_, element)| *element);
            if let Some(element) = element.filter(|element| !elements.contains(element)) {
                elements.push(element);
            }
        }
        for element in elements.iter().rev() {
            self.out.push('<');
            self.out.push_str(element);
            self.out.push('>');
        }
        self.lines(span.text);
        for element in elements {
            self.out.push_str("</");
            self.out.push_str(element);
            self.out.push('>');
        }
    }
}
