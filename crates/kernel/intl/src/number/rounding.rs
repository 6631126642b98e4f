//! How many digits a number shows (`SetNumberFormatDigitOptions`, `FormatNumericToString` of ECMA-402).

use fixed_decimal::{Decimal, RoundingIncrement, SignedRoundingMode, UnsignedRoundingMode};
use serde::Deserialize;

/// Digits, as the prelude resolved them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Digits {
    minimum_integer_digits: i16,
    minimum_fraction_digits: Option<i16>,
    maximum_fraction_digits: Option<i16>,
    minimum_significant_digits: Option<i16>,
    maximum_significant_digits: Option<i16>,
    rounding_priority: String,
    rounding_mode: String,
    rounding_increment: u16,
    trailing_zero_display: String,
}

impl Digits {
    /// The number with the digits it is to show.
    pub(crate) fn round(&self, value: &Decimal) -> Decimal {
        let fraction = self.maximum_fraction_digits.map(|digits| -digits);
        let significant =
            self.maximum_significant_digits.map(|digits| value.nonzero_magnitude_start() - digits + 1);
        let by_fraction = match (fraction, significant) {
            (Some(fraction), Some(significant)) => match self.rounding_priority.as_str() {
                "morePrecision" => fraction < significant,
                "lessPrecision" => fraction > significant,
                _ => false,
            },
            (_, None) => true,
            (None, Some(_)) => false,
        };
        let mut rounded = if by_fraction {
            let mut rounded = self.round_at(value, fraction.unwrap_or_default());
            rounded.trim_end();
            rounded.pad_end(-self.minimum_fraction_digits.unwrap_or_default());
            rounded
        } else {
            let mut rounded = self.round_at(value, significant.unwrap_or_default());
            rounded.trim_end();
            let first = rounded.nonzero_magnitude_start();
            rounded.pad_end((first - self.minimum_significant_digits.unwrap_or(1) + 1).min(0));
            rounded
        };
        if self.trailing_zero_display == "stripIfInteger" {
            rounded.trim_end_if_integer();
        }
        rounded.trim_start();
        rounded.pad_start(self.minimum_integer_digits);
        rounded
    }

    fn round_at(&self, value: &Decimal, position: i16) -> Decimal {
        let (mut increment, mut position) = (self.rounding_increment, position);
        while increment >= 10 && increment != 25 {
            increment /= 10;
            position += 1;
        }
        let increment = match increment {
            2 => RoundingIncrement::MultiplesOf2,
            5 => RoundingIncrement::MultiplesOf5,
            25 => RoundingIncrement::MultiplesOf25,
            _ => RoundingIncrement::MultiplesOf1,
        };
        let mode = match self.rounding_mode.as_str() {
            "ceil" => SignedRoundingMode::Ceil,
            "floor" => SignedRoundingMode::Floor,
            "halfCeil" => SignedRoundingMode::HalfCeil,
            "halfFloor" => SignedRoundingMode::HalfFloor,
            "expand" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Expand),
            "trunc" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Trunc),
            "halfTrunc" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfTrunc),
            "halfEven" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven),
            _ => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand),
        };
        value.clone().rounded_with_mode_and_increment(position, mode, increment)
    }
}

/// Digits after the decimal point a currency usually has.
pub(crate) fn currency_digits(currency: &str) -> u8 {
    const NONE: &str = "AFN ALL BIF CLP COP DJF GNF HUF IDR IQD IRR ISK JPY KMF KPW KRW LAK LBP MGA MMK PKR PYG \
        RWF SLL SOS SYP UGX VND VUV XAF XOF XPF YER";
    match currency {
        "BHD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ if NONE.split_whitespace().any(|code| code == currency) => 0,
        _ => 2,
    }
}
