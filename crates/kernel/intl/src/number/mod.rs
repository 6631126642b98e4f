//! `Intl.NumberFormat`.

mod affix;
pub(crate) mod rounding;
mod unit;

use std::str::FromStr;

use fixed_decimal::{Decimal, Sign, SignDisplay};
use icu::decimal::options::{CompactDecimalFormatterOptions, DecimalFormatterOptions, GroupingStrategy};
use icu::decimal::{CompactDecimalFormatter, DecimalFormatter};
use icu::experimental::dimension::currency::CurrencyType;
use icu::experimental::dimension::currency::formatter::CurrencyFormatter;
use icu::experimental::dimension::currency::options::{CurrencyFormatterOptions, CurrencyUsage};
use icu::experimental::dimension::percent::formatter::PercentFormatter;
use icu::experimental::dimension::percent::options::{Display, PercentFormatterOptions};
use icu::locale::Locale;
use serde::Deserialize;
use serde_json::Value;
use writeable::Writeable;

use affix::Affixes;
use rounding::Digits;
use unit::Unit;

use crate::parts::{Parts, number_parts};
use crate::patterns::Patterns;
use crate::{locale, preferences};

/// Longest number, in characters of its decimal form.
const NUMBER_CHARACTERS: usize = 2048;

/// The request, every value checked by the prelude.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NumberOptions {
    locale: String,
    numbering_system: String,
    style: String,
    currency: Option<String>,
    currency_display: Option<String>,
    currency_sign: Option<String>,
    unit: Option<String>,
    unit_display: Option<String>,
    notation: String,
    compact_display: Option<String>,
    use_grouping: Value,
    sign_display: String,
    #[serde(flatten)]
    digits: Digits,
}

/// Where a style's own text comes from.
enum Style {
    Plain,
    Percent(Box<Percent>),
    Currency(Box<Currency>),
    Unit(Box<Unit>),
}

struct Percent {
    plain: PercentFormatter<DecimalFormatter>,
    signed: PercentFormatter<DecimalFormatter>,
}

struct Currency {
    formatter: CurrencyFormatter<DecimalFormatter>,
    /// Its text depends on the number, not on the sign alone.
    named: bool,
    /// Separators of money where they differ from those of other numbers.
    group: Option<&'static str>,
    decimal: Option<&'static str>,
}

enum Notation {
    Standard,
    Compact(Box<CompactDecimalFormatter>),
    /// Exponents in steps of this.
    Scientific(i16),
}

/// A formatter, made once and used for many numbers.
pub(crate) struct NumberFormat {
    decimal: DecimalFormatter,
    style: Style,
    notation: Notation,
    sign: SignDisplay,
    digits: Digits,
}

enum Number {
    Undefined,
    Infinite(Sign),
    Finite(Decimal),
}

/// Reads a finite number in decimal notation, with or without an exponent.
pub(crate) fn parse(value: &str) -> Result<Decimal, String> {
    if value.len() > NUMBER_CHARACTERS {
        return Err(format!("The number has {} characters; the limit is {NUMBER_CHARACTERS}.", value.len()));
    }
    Decimal::try_from_str(&value.replace("e+", "e")).map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl NumberOptions {
    fn grouping(&self) -> Option<GroupingStrategy> {
        Some(match self.use_grouping.as_str() {
            Some("always") => GroupingStrategy::Always,
            Some("min2") => GroupingStrategy::Min2,
            Some(_) => GroupingStrategy::Auto,
            None => GroupingStrategy::Never,
        })
    }

    fn style(&self, prefs: &Locale) -> Result<Style, String> {
        Ok(match self.style.as_str() {
            "percent" => {
                let of = |display: Display| {
                    PercentFormatter::try_new(prefs.into(), PercentFormatterOptions::from(display))
                        .map_err(text)
                };
                Style::Percent(Box::new(Percent {
                    plain: of(Display::Standard)?,
                    signed: of(Display::ExplicitSign)?,
                }))
            }
            "currency" => Style::Currency(Box::new(self.currency(prefs)?)),
            "unit" => {
                let (unit, display) = (self.unit.as_deref(), self.unit_display.as_deref());
                Style::Unit(Box::new(Unit::new(prefs, unit.unwrap_or_default(), display.unwrap_or("short"))?))
            }
            _ => Style::Plain,
        })
    }

    fn currency(&self, prefs: &Locale) -> Result<Currency, String> {
        let given = self.currency.as_deref().unwrap_or_default();
        let value = icu::locale::extensions::unicode::Value::from_str(&given.to_lowercase()).map_err(text)?;
        let code = CurrencyType::try_from(&value).map_err(|error| format!("{error:?}"))?;
        let accounting = self.currency_sign.as_deref() == Some("accounting");
        let usage = if accounting { CurrencyUsage::Accounting } else { CurrencyUsage::Standard };
        let options = CurrencyFormatterOptions::from(usage);
        let data = locale::data_name(&prefs.id).unwrap_or_default();
        let patterns = Patterns::of(&data);
        let is_own =
            |key: &str| patterns.get(key).is_some_and(|codes| codes.split(' ').any(|own| own == given));
        let display = match self.currency_display.as_deref() {
            Some("symbol") if is_own("Ns") => Some("code"),
            Some("narrowSymbol") if is_own("Nn") => Some("code"),
            display => display,
        };
        let formatter = match display {
            Some("code") => CurrencyFormatter::try_new_code(prefs.into(), code, options),
            Some("name") => CurrencyFormatter::try_new_name(prefs.into(), code),
            Some("narrowSymbol") => CurrencyFormatter::try_new_symbol_narrow(prefs.into(), code, options),
            _ => CurrencyFormatter::try_new_symbol(prefs.into(), code, options),
        };
        let formatter = formatter.map_err(text)?;
        Ok(Currency {
            group: patterns.get("Ng"),
            decimal: patterns.get("Nd"),
            named: display == Some("name"),
            formatter,
        })
    }

    fn notation(&self, prefs: &Locale) -> Result<Notation, String> {
        let mut options = CompactDecimalFormatterOptions::default();
        options.grouping_strategy = self.grouping();
        let compact = match (self.notation.as_str(), self.compact_display.as_deref()) {
            ("compact", Some("long")) => CompactDecimalFormatter::try_new_long(prefs.into(), options),
            ("compact", _) => CompactDecimalFormatter::try_new_short(prefs.into(), options),
            ("scientific", _) => return Ok(Notation::Scientific(1)),
            ("engineering", _) => return Ok(Notation::Scientific(3)),
            _ => return Ok(Notation::Standard),
        };
        compact.map(|compact| Notation::Compact(Box::new(compact))).map_err(text)
    }
}

fn shifted(number: &Decimal, digits: i16) -> Decimal {
    let mut number = number.clone();
    number.multiply_pow10(digits);
    number
}

impl NumberFormat {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let options: NumberOptions = serde_json::from_value(options.clone()).map_err(text)?;
        let id = locale::parse(&options.locale)?.id;
        let prefs = preferences(&id, &options.numbering_system);
        let mut decimal = DecimalFormatterOptions::default();
        decimal.grouping_strategy = options.grouping();
        Ok(Self {
            decimal: DecimalFormatter::try_new((&prefs).into(), decimal).map_err(text)?,
            style: options.style(&prefs)?,
            notation: options.notation(&prefs)?,
            sign: match options.sign_display.as_str() {
                "always" => SignDisplay::Always,
                "never" => SignDisplay::Never,
                "exceptZero" => SignDisplay::ExceptZero,
                "negative" => SignDisplay::Negative,
                _ => SignDisplay::Auto,
            },
            digits: options.digits,
        })
    }

    fn read(&self, value: &str) -> Result<Number, String> {
        Ok(match value {
            "NaN" => Number::Undefined,
            "Infinity" => Number::Infinite(Sign::None),
            "-Infinity" => Number::Infinite(Sign::Negative),
            _ => {
                let number = parse(value)?;
                let shift = if matches!(self.style, Style::Percent(_)) { 2 } else { 0 };
                Number::Finite(shifted(&number, shift))
            }
        })
    }

    /// One number in decimal notation.
    pub(crate) fn parts(&self, value: &str) -> Result<Parts, String> {
        let mut body = Parts::default();
        let mut number = match self.read(value)? {
            Number::Undefined => {
                body.push("nan", "NaN");
                Decimal::from(0)
            }
            Number::Infinite(sign) => {
                body.push("infinity", "∞");
                Decimal::from(1).with_sign(sign)
            }
            Number::Finite(number) => {
                let (number, parts) = self.digits(&number);
                body = parts;
                number
            }
        };
        number.apply_sign_display(self.sign);
        Ok(self.wrap(body, &number))
    }

    /// Two numbers, or about one.
    pub(crate) fn range(&self, start: &str, end: &str) -> Result<Parts, String> {
        let (first, second) = (self.parts(start)?, self.parts(end)?);
        let mut parts = Parts::default();
        if first == second {
            parts.push_from("shared", "approximatelySign", "~");
            parts.append(first.sourced("shared"));
            return Ok(parts);
        }
        let between = if matches!(self.style, Style::Plain) { "–" } else { " – " };
        parts.append(first.sourced("startRange"));
        parts.push_from("shared", "literal", between);
        parts.append(second.sourced("endRange"));
        Ok(parts)
    }

    /// The number as shown, and its digits without a sign.
    fn digits(&self, number: &Decimal) -> (Decimal, Parts) {
        match &self.notation {
            Notation::Standard => {
                let rounded = self.digits.round(number);
                let parts = self.plain(&rounded);
                (rounded, parts)
            }
            Notation::Compact(compact) => self.compact(compact, number),
            Notation::Scientific(step) => self.scientific(*step, number),
        }
    }

    fn plain(&self, number: &Decimal) -> Parts {
        number_parts(&self.decimal.format(&number.clone().with_sign(Sign::None)))
    }

    fn compact(&self, compact: &CompactDecimalFormatter, number: &Decimal) -> (Decimal, Parts) {
        let at = |magnitude: i16| i16::from(compact.compact_exponent_for_magnitude(magnitude));
        let mut exponent = at(number.nonzero_magnitude_start());
        let mut rounded = self.digits.round(&shifted(number, -exponent));
        let carried = at(rounded.nonzero_magnitude_start() + exponent);
        if carried != exponent {
            exponent = carried;
            rounded = self.digits.round(&shifted(number, -exponent));
        }
        let unsigned = rounded.clone().with_sign(Sign::None);
        let digits = self.plain(&rounded);
        let written = u8::try_from(exponent).ok().and_then(|exponent| {
            compact
                .format_with_exponent(&unsigned, exponent)
                .ok()
                .map(|text| text.write_to_string().into_owned())
        });
        let parts = match written.as_deref().map(|text| (text, Affixes::around_digits(text))) {
            Some((_, Some(affixes))) => affixes.wrap(digits, "compact"),
            Some((text, None)) => {
                let mut parts = Parts::default();
                parts.push("compact", text);
                parts
            }
            None => digits,
        };
        (rounded, parts)
    }

    fn scientific(&self, step: i16, number: &Decimal) -> (Decimal, Parts) {
        let exponent_of = |number: &Decimal| number.nonzero_magnitude_start().div_euclid(step) * step;
        let mut exponent = exponent_of(number);
        let mut rounded = self.digits.round(&shifted(number, -exponent));
        let carried = exponent + exponent_of(&rounded);
        if carried != exponent {
            exponent = carried;
            rounded = self.digits.round(&shifted(number, -exponent));
        }
        let mut parts = self.plain(&rounded);
        parts.push("exponentSeparator", "E");
        if exponent < 0 {
            parts.push("exponentMinusSign", "-");
        }
        let exponent = Decimal::from(exponent.abs());
        parts.push("exponentInteger", &self.decimal.format_to_string(&exponent));
        (rounded, parts)
    }

    /// Adds sign and style.
    fn wrap(&self, mut body: Parts, number: &Decimal) -> Parts {
        let one = Decimal::from(1).with_sign(number.sign());
        let (text, kind) = match &self.style {
            Style::Plain => (self.decimal.format_to_string(&one), "literal"),
            Style::Unit(unit) => {
                let text = self.decimal.format_to_string(&one);
                let signed = Affixes::around_digits(&text).unwrap_or_default().wrap(body, "literal");
                return unit.affixes(number).wrap(signed, "unit");
            }
            Style::Percent(percent) => {
                let formatter = if number.sign() == Sign::None { &percent.plain } else { &percent.signed };
                (formatter.format(&one).write_to_string().into_owned(), "literal")
            }
            Style::Currency(currency) => {
                if let Some(group) = currency.group {
                    body.replace("group", group);
                }
                if let Some(decimal) = currency.decimal {
                    body.replace("decimal", decimal);
                }
                let probe = if currency.named { number } else { &one };
                (currency.formatter.format_fixed_decimal(probe).write_to_string().into_owned(), "currency")
            }
        };
        Affixes::around_digits(&text).unwrap_or_default().wrap(body, kind)
    }
}
