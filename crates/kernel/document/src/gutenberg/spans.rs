//! The text of a paragraph while it is collected.

use serde_json::{Value, json};

use super::build;

/// What a run of text has on.
#[derive(Clone, PartialEq)]
pub(super) enum Mark {
    Decorator(&'static str),
    Link { href: String, blank: bool },
}

/// Runs of text, each with its marks, outermost first.
#[derive(Default)]
pub(super) struct Spans(Vec<(String, Vec<Mark>)>);

impl Spans {
    pub(super) fn line_break(&mut self) {
        if let Some((text, _)) = self.0.last_mut() {
            text.truncate(text.trim_end_matches([' ', '\t']).len());
            text.push('\n');
        }
    }

    /// A line feed in classic text; it adds nothing to a `<br>` just before.
    pub(super) fn soft_break(&mut self) {
        if self.0.last().is_some_and(|(text, _)| !text.ends_with('\n')) {
            self.line_break();
        }
    }

    /// Adds text, with white space as HTML reads it.
    pub(super) fn push(&mut self, text: &str, marks: &[Mark]) {
        let at_start = self.0.last().is_none_or(|(text, _)| text.ends_with([' ', '\n']));
        let mut clean = String::with_capacity(text.len());
        let mut gap = false;
        for character in text.chars() {
            if matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                gap = true;
            } else {
                if gap && !(clean.is_empty() && at_start) {
                    clean.push(' ');
                }
                gap = false;
                clean.push(character);
            }
        }
        if gap && !(clean.is_empty() && at_start) {
            clean.push(' ');
        }
        if clean.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some((last, same)) if same.as_slice() == marks => last.push_str(&clean),
            _ => self.0.push((clean, marks.to_vec())),
        }
    }

    /// The text so far without white space around it; the collection is empty afterwards.
    pub(super) fn take(&mut self) -> Self {
        let mut spans = std::mem::take(&mut self.0);
        trim(&mut spans);
        Self(spans)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, where it is one run without marks.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [(text, marks)] if marks.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Spans and link definitions as JSON; the first mark is innermost, the link last.
    pub(super) fn to_json(&self) -> (Vec<Value>, Vec<Value>) {
        let mut links: Vec<(&str, bool)> = Vec::new();
        let mut children = Vec::with_capacity(self.0.len());
        for (text, marks) in &self.0 {
            let mut names: Vec<String> = Vec::new();
            let mut link = None;
            for mark in marks.iter().rev() {
                match mark {
                    Mark::Decorator(name) if !names.iter().any(|known| known == name) => {
                        names.push((*name).to_owned())
                    }
                    Mark::Link { href, blank } if link.is_none() => {
                        let known = links.iter().position(|known| *known == (href.as_str(), *blank));
                        let position = known.unwrap_or_else(|| {
                            links.push((href, *blank));
                            links.len() - 1
                        });
                        link = Some(format!("l{position}"));
                    }
                    _ => {}
                }
            }
            names.extend(link);
            children.push(json!({"_type": "span", "_key": "", "text": text, "marks": names}));
        }
        let links = links.iter().enumerate().map(|(position, (href, blank))| {
            let mut link = build::block("link");
            link.insert("_key".to_owned(), Value::from(format!("l{position}")));
            link.insert("href".to_owned(), Value::from(*href));
            build::set(&mut link, "blank", blank.then_some(true));
            Value::Object(link)
        });
        (children, links.collect())
    }
}

/// Takes white space off both ends, and empty spans with it.
fn trim(spans: &mut Vec<(String, Vec<Mark>)>) {
    while let Some((text, _)) = spans.last_mut() {
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            break;
        }
        spans.pop();
    }
    while let Some((text, _)) = spans.first_mut() {
        let start = text.len() - text.trim_start().len();
        text.drain(..start);
        if !text.is_empty() {
            break;
        }
        spans.remove(0);
    }
}
