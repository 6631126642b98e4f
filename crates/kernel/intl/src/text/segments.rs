//! `Intl.Segmenter`. The prelude asks piece by piece, so a long text costs what is used of it.

use icu::segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu::segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use serde_json::json;

use super::check_length;
use crate::Outcome;

/// The ends of the segments in UTF-16 units, each doubled, plus one when the segment is a word.
pub(crate) fn segment(granularity: &str, text: &str) -> Outcome {
    check_length(text)?;
    let breaks: Vec<(usize, bool)> = match granularity {
        "word" => WordSegmenter::new_dictionary(WordBreakInvariantOptions::default())
            .segment_str(text)
            .iter_with_word_type()
            .map(|(at, kind)| (at, kind.is_word_like()))
            .collect(),
        "sentence" => {
            let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
            segmenter.segment_str(text).map(|at| (at, false)).collect()
        }
        _ => GraphemeClusterSegmenter::new().segment_str(text).map(|at| (at, false)).collect(),
    };
    let (mut from, mut units) = (0, 0);
    let mut ends = Vec::with_capacity(breaks.len());
    for (at, is_word) in breaks.into_iter().filter(|(at, _)| *at > 0) {
        units += text.get(from..at).unwrap_or_default().encode_utf16().count();
        from = at;
        ends.push(units * 2 + usize::from(is_word));
    }
    Ok(json!(ends).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_count_utf16_units() {
        assert_eq!(segment("grapheme", "a👨‍👩‍👧e\u{301}").unwrap(), "[2,18,22]");
        assert_eq!(segment("word", "Hi, you").unwrap(), "[5,6,8,15]");
        assert_eq!(segment("sentence", "One. Two.").unwrap(), "[10,18]");
        assert_eq!(segment("word", "").unwrap(), "[]");
    }
}
