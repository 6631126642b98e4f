#![doc = include_str!("../README.md")]

mod cache;
mod date;
mod locale;
mod number;
mod parts;
mod patterns;
mod service;
mod text;

use icu::locale::{LanguageIdentifier, Locale};

/// What a computation comes to: text or JSON, or the words of the `RangeError` it ends in.
pub type Outcome = Result<String, String>;

/// Runs operation `number` of `engine/prelude/intl_host.js` on up to three texts. Pure: no clock, no randomness,
/// no state that a result could depend on.
///
/// # Errors
/// Words for a `RangeError` when an argument is invalid or larger than its limit.
pub fn compute(number: u8, a: &str, b: &str, c: &str) -> Outcome {
    service::compute(number, a, b, c)
}

/// The locale as ICU4X's formatters take it, numbering system included.
fn preferences(id: &LanguageIdentifier, numbering_system: &str) -> Locale {
    let mut prefs: Locale = id.clone().into();
    locale::set_keyword(&mut prefs, "nu", numbering_system);
    prefs
}
