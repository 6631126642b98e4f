//! What stands before and after a number: signs, currencies, percent signs, and how to tell them apart.

use crate::parts::Parts;

/// Text around a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Affixes {
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Affixes {
    /// Cuts the digits out of a formatted number; `None` when it has none.
    pub(crate) fn around_digits(text: &str) -> Option<Self> {
        let start = text.find(char::is_numeric)?;
        let (last, digit) = text.char_indices().rfind(|(_, character)| character.is_numeric())?;
        let after = text.get(last + digit.len_utf8()..)?;
        Some(Self { before: text.get(..start)?.to_owned(), after: after.to_owned() })
    }

    /// Puts itself around the parts of a number; text that is no sign is of kind `body`.
    pub(crate) fn wrap(&self, number: Parts, body: &'static str) -> Parts {
        let mut parts = Parts::default();
        classify(&self.before, body, &mut parts);
        parts.append(number);
        classify(&self.after, body, &mut parts);
        parts
    }
}

fn is_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn sign_of(character: char) -> Option<&'static str> {
    match character {
        '-' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => Some("minusSign"),
        '+' | '\u{ff0b}' => Some("plusSign"),
        '%' | '\u{66a}' | '\u{fe6a}' | '\u{ff05}' => Some("percentSign"),
        _ => None,
    }
}

fn classify(text: &str, body: &'static str, parts: &mut Parts) {
    let is_space = |character: char| character.is_whitespace() || matches!(character, '(' | ')');
    // Words keep the spaces within them: those at the ends are literals.
    let inner = text.trim_matches(|character: char| is_space(character));
    let start = text.len() - text.trim_start_matches(is_space).len();
    parts.push("literal", text.get(..start).unwrap_or_default());
    let (mut word, mut marks) = (String::new(), String::new());
    for character in inner.chars() {
        if is_mark(character) {
            marks.push(character);
        } else if let Some(sign) = sign_of(character) {
            push_word(&word, body, parts);
            word.clear();
            marks.push(character);
            parts.push(sign, &std::mem::take(&mut marks));
        } else {
            word.push_str(&std::mem::take(&mut marks));
            word.push(character);
        }
    }
    if word.is_empty() && !marks.is_empty() && parts.extend_last(&marks) {
        marks.clear();
    }
    word.push_str(&marks);
    push_word(&word, body, parts);
    let end = start + inner.len();
    parts.push("literal", text.get(end..).unwrap_or_default());
}

fn push_word(word: &str, body: &'static str, parts: &mut Parts) {
    let inner = word.trim();
    let start = word.len() - word.trim_start().len();
    parts.push("literal", word.get(..start).unwrap_or_default());
    parts.push(body, inner);
    parts.push("literal", word.get(start + inner.len()..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_around_digits_is_told_apart() {
        let affixes = Affixes::around_digits("(-US$\u{a0}1,234.50)").unwrap();
        let mut number = Parts::default();
        number.push("integer", "7");
        let parts = affixes.wrap(number, "currency").json();
        let kinds: Vec<String> = parts
            .as_array()
            .unwrap()
            .iter()
            .map(|part| format!("{}:{}", part["type"].as_str().unwrap(), part["value"].as_str().unwrap()))
            .collect();
        let expected =
            ["literal:(", "minusSign:-", "currency:US$", "literal:\u{a0}", "integer:7", "literal:)"];
        assert_eq!(kinds, expected);
        assert_eq!(Affixes::around_digits("mille"), None);
    }
}
