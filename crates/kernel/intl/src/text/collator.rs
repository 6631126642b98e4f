//! `Intl.Collator`.

use std::cmp::Ordering;

use icu::collator::CollatorBorrowed;
use icu::collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu::locale::Locale;
use icu::properties::CodePointMapData;
use icu::properties::props::CanonicalCombiningClass;
use serde::Deserialize;
use serde_json::Value;

use super::check_length;
use crate::locale;

/// Marks in a row that a text may have. Writing needs a handful; telling more apart takes time beyond their number.
const MARKS: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CollatorRequest {
    locale: String,
    usage: String,
    sensitivity: String,
    ignore_punctuation: bool,
    numeric: bool,
    case_first: Option<String>,
    collation: Option<String>,
}

/// Compares texts as a language sorts them.
pub(crate) struct Collator(CollatorBorrowed<'static>);

impl Collator {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let request: CollatorRequest =
            serde_json::from_value(options.clone()).map_err(|error| error.to_string())?;
        let mut prefs: Locale = locale::parse(&request.locale)?.id.into();
        if request.numeric {
            locale::set_keyword(&mut prefs, "kn", "true");
        }
        if let Some(first) = &request.case_first {
            locale::set_keyword(&mut prefs, "kf", first);
        }
        match &request.collation {
            _ if request.usage == "search" => locale::set_keyword(&mut prefs, "co", "search"),
            Some(collation) if collation != "default" => locale::set_keyword(&mut prefs, "co", collation),
            _ => {}
        }
        let mut how = CollatorOptions::default();
        how.strength = Some(match request.sensitivity.as_str() {
            "base" | "case" => Strength::Primary,
            "accent" => Strength::Secondary,
            _ => Strength::Tertiary,
        });
        how.case_level = Some(if request.sensitivity == "case" { CaseLevel::On } else { CaseLevel::Off });
        if request.ignore_punctuation {
            how.alternate_handling = Some(AlternateHandling::Shifted);
        }
        let collator = CollatorBorrowed::try_new((&prefs).into(), how).map_err(|error| error.to_string())?;
        Ok(Self(collator))
    }

    /// -1, 0 or 1.
    pub(crate) fn compare(&self, left: &str, right: &str) -> Result<&'static str, String> {
        for text in [left, right] {
            check_length(text)?;
            check_marks(text)?;
        }
        Ok(match self.0.compare(left, right) {
            Ordering::Less => "-1",
            Ordering::Equal => "0",
            Ordering::Greater => "1",
        })
    }
}

fn check_marks(text: &str) -> Result<(), String> {
    if text.is_ascii() {
        return Ok(());
    }
    let classes = CodePointMapData::<CanonicalCombiningClass>::new();
    let mut marks = 0;
    for character in text.chars() {
        let is_mark = classes.get(character) != CanonicalCombiningClass::NotReordered;
        marks = if is_mark { marks + 1 } else { 0 };
        if marks > MARKS {
            return Err(format!(
                "The text has more than {MARKS} combining marks in a row, the most that are compared."
            ));
        }
    }
    Ok(())
}
