//! Words of a text, split and folded alike for indexing, asking and marking, on every engine.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Bytes of a body that are indexed; PostgreSQL's index entry of one document may not exceed 1 MB.
const INDEXED_BYTES: usize = 200_000;
/// Characters of a word; a longer run of letters is several words. One character folds into 36 bytes at the most, and
/// PostgreSQL's index takes words of up to 2,046 bytes.
const MAX_WORD: usize = 48;
/// Words of a question that count.
const MAX_QUESTION_WORDS: usize = 32;
/// Characters of a snippet, about.
const SNIPPET_CHARACTERS: usize = 200;
/// Characters a snippet shows before its first match, about.
const SNIPPET_LEAD: usize = 60;
const MARK_START: char = '\u{E000}';
const MARK_END: char = '\u{E001}';

/// Where the words of a text stand.
fn spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_word = |character: char| character.is_alphanumeric() || is_combining_mark(character);
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let start = loop {
            let (position, character) = rest.next()?;
            if is_word(character) {
                break position;
            }
        };
        let mut length = 1;
        while length < MAX_WORD && rest.next_if(|(_, character)| is_word(*character)).is_some() {
            length += 1;
        }
        Some(start..rest.peek().map_or(text.len(), |(position, _)| *position))
    })
}

/// A word without case, accents and compatibility forms; only letters and digits are left.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkd()
        .filter(|character| !is_combining_mark(*character))
        .flat_map(char::to_lowercase)
        .filter(|character| character.is_alphanumeric())
        .collect()
}

fn folded(text: &str) -> impl Iterator<Item = String> {
    spans(text).map(|span| fold(text.get(span).unwrap_or_default())).filter(|word| !word.is_empty())
}

/// The words of a text to be indexed, in order.
pub(crate) fn indexed(text: &str) -> Vec<String> {
    let end = (0..=text.len().min(INDEXED_BYTES)).rev().find(|end| text.is_char_boundary(*end));
    folded(text.get(..end.unwrap_or_default()).unwrap_or_default()).collect()
}

/// What a person asks for: all of these words, the last one as the beginning of a word. Whatever else the text
/// contains, operators and quotes included, separates words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Question {
    words: Vec<String>,
}

impl Question {
    /// Reads user text; `None` when it has no words.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = folded(text).take(MAX_QUESTION_WORDS).collect();
        if words.is_empty() { None } else { Some(Self { words }) }
    }

    /// The whole words and the beginning.
    pub(crate) fn parts(&self) -> (&[String], &str) {
        self.words.split_last().map_or((&[], ""), |(last, whole)| (whole, last.as_str()))
    }

    fn matches(&self, word: &str) -> bool {
        let (whole, beginning) = self.parts();
        word.starts_with(beginning) || whole.iter().any(|wanted| wanted == word)
    }

    /// The text around the first match, matched words between the two marks.
    pub(crate) fn snippet(&self, text: &str) -> String {
        let first = spans(text)
            .find(|span| self.matches(&fold(text.get(span.clone()).unwrap_or_default())))
            .map_or(0, |span| span.start);
        let start = back_to_word(text, first);
        let mut snippet = String::new();
        if start > 0 {
            snippet.push('…');
        }
        let rest = text.get(start..).unwrap_or_default();
        let (mut copied, mut end) = (0, rest.len());
        for span in spans(rest) {
            let before = rest.get(..span.end).unwrap_or_default();
            if before.chars().nth(SNIPPET_CHARACTERS).is_some() {
                end = copied.max(rest.get(..span.start).unwrap_or_default().trim_end().len());
                break;
            }
            let word = rest.get(span.clone()).unwrap_or_default();
            if self.matches(&fold(word)) {
                push_plain(&mut snippet, rest.get(copied..span.start).unwrap_or_default());
                snippet.push(MARK_START);
                snippet.push_str(word);
                snippet.push(MARK_END);
                copied = span.end;
            }
        }
        let tail: String =
            rest.get(copied..end).unwrap_or_default().chars().take(SNIPPET_CHARACTERS).collect();
        push_plain(&mut snippet, &tail);
        if copied + tail.len() < rest.len() {
            snippet.push('…');
        }
        snippet
    }
}

/// Appends text that must not be taken for a mark.
fn push_plain(snippet: &mut String, text: &str) {
    snippet.extend(text.chars().filter(|character| ![MARK_START, MARK_END].contains(character)));
}

/// A position at the beginning of a word, some characters before another position.
fn back_to_word(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or_default();
    let Some((earliest, _)) = before.char_indices().rev().nth(SNIPPET_LEAD) else { return 0 };
    let window = before.get(earliest..).unwrap_or_default();
    window.find(char::is_whitespace).map_or(position, |space| {
        let gap = window.get(space..).unwrap_or_default();
        earliest + space + (gap.len() - gap.trim_start().len())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_folded_and_everything_else_separates() {
        assert_eq!(
            indexed("Crème BRÛLÉE, \"x\" OR 1=1 -- ﬁn"),
            ["creme", "brulee", "x", "or", "1", "1", "fin"]
        );
        assert_eq!(Question::parse("\"*-()\0 NEAR"), Some(Question { words: vec!["near".to_owned()] }));
        assert_eq!(Question::parse(" *\"'() "), None);
    }

    #[test]
    fn a_snippet_marks_matches_around_the_first() {
        let question = Question::parse("quick fo").unwrap();
        assert_eq!(
            question.snippet("The Quick brown fox, forged \u{E000}"),
            "The \u{E000}Quick\u{E001} brown \u{E000}fox\u{E001}, \u{E000}forged\u{E001} "
        );
        let long = format!("{} quick {}", "before ".repeat(50), "after ".repeat(80));
        let snippet = question.snippet(&long);
        assert!(snippet.starts_with("…before") && snippet.ends_with("after…"), "{snippet}");
        assert!(snippet.contains("\u{E000}quick\u{E001}"));
        assert!(snippet.chars().count() < 220, "{snippet}");
    }

    proptest! {
        #[test]
        fn any_text_can_be_indexed_asked_and_shown(text in ".{0,400}", asked in ".{0,40}") {
            prop_assert!(indexed(&text).iter().all(|word| word.chars().all(char::is_alphanumeric)));
            if let Some(question) = Question::parse(&asked) {
                let snippet = question.snippet(&text);
                prop_assert_eq!(snippet.matches(MARK_START).count(), snippet.matches(MARK_END).count());
            }
        }

        #[test]
        fn folding_is_idempotent(word in "\\w{0,12}") {
            prop_assert_eq!(fold(&fold(&word)), fold(&word));
        }
    }
}
