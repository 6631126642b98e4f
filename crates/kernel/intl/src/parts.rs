//! Formatted text, part by part.

use serde_json::{Value, json};
use writeable::{PartsWrite, Writeable};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    kind: &'static str,
    text: String,
    source: Option<&'static str>,
}

/// The parts of a formatted value in order; empty ones are left out, neighbouring literals are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts(Vec<Part>);

impl Parts {
    pub(crate) fn push(&mut self, kind: &'static str, text: &str) {
        self.add(kind, text, None);
    }

    pub(crate) fn push_from(&mut self, source: &'static str, kind: &'static str, text: &str) {
        self.add(kind, text, Some(source));
    }

    fn add(&mut self, kind: &'static str, text: &str, source: Option<&'static str>) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if kind == "literal" && last.kind == kind && last.source == source => {
                last.text.push_str(text)
            }
            _ => self.0.push(Part { kind, text: text.to_owned(), source }),
        }
    }

    /// Lets the last part end in more text; `false` when there is none.
    pub(crate) fn extend_last(&mut self, text: &str) -> bool {
        self.0.last_mut().map(|last| last.text.push_str(text)).is_some()
    }

    /// Replaces the text of every part of this kind.
    pub(crate) fn replace(&mut self, kind: &str, text: &str) {
        for part in self.0.iter_mut().filter(|part| part.kind == kind) {
            text.clone_into(&mut part.text);
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        for part in other.0 {
            self.add(part.kind, &part.text, part.source);
        }
    }

    /// All parts as coming from one side of a range.
    pub(crate) fn sourced(mut self, source: &'static str) -> Self {
        for part in &mut self.0 {
            part.source = Some(source);
        }
        self
    }

    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|part| part.text.as_str()).collect()
    }

    /// As `formatToParts` returns them.
    pub(crate) fn json(&self) -> Value {
        self.0
            .iter()
            .map(|part| match part.source {
                Some(source) => json!({"type": part.kind, "value": part.text, "source": source}),
                None => json!({"type": part.kind, "value": part.text}),
            })
            .collect()
    }
}

/// Collects what a formatter writes, the innermost part of each piece counting.
struct Collector {
    parts: Parts,
    stack: Vec<&'static str>,
}

impl std::fmt::Write for Collector {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let kind = self.stack.last().copied().unwrap_or("literal");
        match self.parts.0.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ => self.parts.push(kind, text),
        }
        Ok(())
    }
}

impl PartsWrite for Collector {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: writeable::Part,
        mut write: impl FnMut(&mut Self::SubPartsWrite) -> std::fmt::Result,
    ) -> std::fmt::Result {
        self.stack.push(part.value);
        let written = write(self);
        self.stack.pop();
        written
    }
}

/// The parts of what an ICU4X formatter writes, under its own names for them.
pub(crate) fn number_parts(formatted: &impl Writeable) -> Parts {
    let mut collector = Collector { parts: Parts::default(), stack: Vec::new() };
    // Writing to memory cannot fail.
    let _written = formatted.write_to_parts(&mut collector);
    collector.parts
}
