//! Services about words rather than dates and numbers.

pub(crate) mod collator;
pub(crate) mod names;
pub(crate) mod phrases;
pub(crate) mod segments;

use icu::casemap::CaseMapper;
use icu::locale::LanguageIdentifier;

use crate::{Outcome, locale};

/// Longest text of one computation, in bytes.
pub(crate) const TEXT_BYTES: usize = 1 << 20;

/// Refuses a text that one computation would take too long for.
pub(crate) fn check_length(text: &str) -> Result<(), String> {
    if text.len() <= TEXT_BYTES {
        return Ok(());
    }
    Err(format!("The text has {} bytes; the limit is {TEXT_BYTES}. Work on it piece by piece.", text.len()))
}

/// Upper or lower case as a language has it: Turkish, Azeri, Lithuanian and Greek differ.
pub(crate) fn change_case(tag: &str, text: &str, to: &str) -> Outcome {
    check_length(text)?;
    let language: LanguageIdentifier = locale::parse(tag)?.id;
    let mapper = CaseMapper::new();
    Ok(match to {
        "upper" => mapper.uppercase_to_string(text, &language),
        _ => mapper.lowercase_to_string(text, &language),
    }
    .into_owned())
}
