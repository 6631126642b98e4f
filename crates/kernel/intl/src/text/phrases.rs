//! `Intl.PluralRules`, `Intl.RelativeTimeFormat` and `Intl.ListFormat`.

use fixed_decimal::{Decimal, Sign};
use icu::decimal::options::GroupingStrategy;
use icu::experimental::relativetime::options::Numeric;
use icu::experimental::relativetime::{RelativeTimeFormatter, RelativeTimeFormatterOptions};
use icu::list::ListFormatter;
use icu::list::options::{ListFormatterOptions, ListLength};
use icu::locale::Locale;
use icu::plurals::{PluralCategory, PluralRuleType, PluralRules, PluralRulesOptions, PluralRulesWithRanges};
use serde::Deserialize;
use serde_json::Value;

use super::check_length;
use crate::number::rounding::Digits;
use crate::parts::{Parts, number_parts};
use crate::{locale, preferences};

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Which form of a word goes with a number.
pub(crate) struct Plurals {
    rules: PluralRulesWithRanges<PluralRules>,
    digits: Digits,
}

#[derive(Deserialize)]
struct PluralRequest {
    locale: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    digits: Digits,
}

/// The category's name in CLDR and ECMA-402.
pub(crate) fn category_name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

impl Plurals {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let request: PluralRequest = serde_json::from_value(options.clone()).map_err(text)?;
        let prefs: Locale = locale::parse(&request.locale)?.id.into();
        let mut kind = PluralRulesOptions::default();
        kind.rule_type =
            Some(if request.kind == "ordinal" { PluralRuleType::Ordinal } else { PluralRuleType::Cardinal });
        let rules = PluralRulesWithRanges::try_new((&prefs).into(), kind).map_err(text)?;
        Ok(Self { rules, digits: request.digits })
    }

    /// The category of a number, or of a range of two.
    pub(crate) fn select(&self, value: &str, end: &str) -> Result<&'static str, String> {
        let category = |value: &str| match crate::number::parse(value) {
            Ok(number) => self.rules.rules().category_for(&self.digits.round(&number)),
            // Neither infinity nor what is no number has a form of its own.
            Err(_) => PluralCategory::Other,
        };
        Ok(category_name(match end {
            "" => category(value),
            _ => self.rules.resolve_range(category(value), category(end)),
        }))
    }

    /// What `resolvedOptions` adds.
    pub(crate) fn resolved(&self) -> Value {
        let mut categories: Vec<PluralCategory> = self.rules.rules().categories().collect();
        categories.sort();
        categories.into_iter().map(category_name).collect()
    }
}

/// "in 3 days", "yesterday".
pub(crate) struct RelativeTime {
    prefs: Locale,
    style: String,
    numeric: Numeric,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RelativeRequest {
    locale: String,
    numbering_system: String,
    style: String,
    numeric: String,
}

impl RelativeTime {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let request: RelativeRequest = serde_json::from_value(options.clone()).map_err(text)?;
        let prefs = preferences(&locale::parse(&request.locale)?.id, &request.numbering_system);
        let numeric = if request.numeric == "auto" { Numeric::Auto } else { Numeric::Always };
        Ok(Self { prefs, style: request.style, numeric })
    }

    fn formatter(&self, unit: &str) -> Result<RelativeTimeFormatter, String> {
        use RelativeTimeFormatter as Of;
        let make = match (self.style.as_str(), unit) {
            ("long", "second") => Of::try_new_long_second,
            ("long", "minute") => Of::try_new_long_minute,
            ("long", "hour") => Of::try_new_long_hour,
            ("long", "day") => Of::try_new_long_day,
            ("long", "week") => Of::try_new_long_week,
            ("long", "month") => Of::try_new_long_month,
            ("long", "quarter") => Of::try_new_long_quarter,
            ("long", "year") => Of::try_new_long_year,
            ("short", "second") => Of::try_new_short_second,
            ("short", "minute") => Of::try_new_short_minute,
            ("short", "hour") => Of::try_new_short_hour,
            ("short", "day") => Of::try_new_short_day,
            ("short", "week") => Of::try_new_short_week,
            ("short", "month") => Of::try_new_short_month,
            ("short", "quarter") => Of::try_new_short_quarter,
            ("short", "year") => Of::try_new_short_year,
            (_, "second") => Of::try_new_narrow_second,
            (_, "minute") => Of::try_new_narrow_minute,
            (_, "hour") => Of::try_new_narrow_hour,
            (_, "day") => Of::try_new_narrow_day,
            (_, "week") => Of::try_new_narrow_week,
            (_, "month") => Of::try_new_narrow_month,
            (_, "quarter") => Of::try_new_narrow_quarter,
            (_, "year") => Of::try_new_narrow_year,
            _ => return Err(format!("Invalid unit argument for format() '{unit}'")),
        };
        let options = RelativeTimeFormatterOptions::default()
            .with_numeric(self.numeric)
            .with_grouping_strategy(GroupingStrategy::Auto);
        make((&self.prefs).into(), options).map_err(text)
    }

    pub(crate) fn parts(&self, value: &str, unit: &str) -> Result<Parts, String> {
        let formatter = self.formatter(unit)?;
        let mut number = crate::number::parse(value)?;
        // As many digits as a plain number shows.
        number.round(-3);
        number.trim_end();
        number.trim_start();
        number.pad_start(1);
        if number.is_zero() && number.sign() == Sign::None {
            number = Decimal::from(0);
        }
        Ok(number_parts(&formatter.format(number)))
    }
}

/// "a, b, and c".
pub(crate) struct List(ListFormatter);

impl List {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let option = |name: &str| options.get(name).and_then(Value::as_str).unwrap_or_default();
        let prefs: Locale = locale::parse(option("locale"))?.id.into();
        let length = match option("style") {
            "short" => ListLength::Short,
            "narrow" => ListLength::Narrow,
            _ => ListLength::Wide,
        };
        let options = ListFormatterOptions::default().with_length(length);
        let made = match option("type") {
            "disjunction" => ListFormatter::try_new_or((&prefs).into(), options),
            "unit" => ListFormatter::try_new_unit((&prefs).into(), options),
            _ => ListFormatter::try_new_and((&prefs).into(), options),
        };
        made.map(Self).map_err(text)
    }

    /// `items` is a JSON array of texts.
    pub(crate) fn parts(&self, items: &str) -> Result<Parts, String> {
        check_length(items)?;
        let items: Vec<String> = serde_json::from_str(items).map_err(text)?;
        Ok(number_parts(&self.0.format(items.iter())))
    }
}
