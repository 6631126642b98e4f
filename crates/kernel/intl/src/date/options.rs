//! What a plugin asks of a date format, and the pattern that comes of it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::generator::Generator;
use super::skeleton::{Field, Item, Kind, Skeleton, items};

/// The request, every value checked by the prelude.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(crate) struct DateOptions {
    pub(crate) locale: String,
    pub(crate) calendar: String,
    pub(crate) numbering_system: String,
    pub(crate) time_zone: String,
    hour_cycle: Option<String>,
    hour12: Option<bool>,
    date_style: Option<String>,
    time_style: Option<String>,
    weekday: Option<String>,
    era: Option<String>,
    year: Option<String>,
    month: Option<String>,
    day: Option<String>,
    day_period: Option<String>,
    hour: Option<String>,
    minute: Option<String>,
    second: Option<String>,
    fractional_second_digits: Option<usize>,
    time_zone_name: Option<String>,
}

/// The pattern, and the cycle of its hours if it has any.
pub(crate) struct Pattern {
    pub(crate) items: Vec<Item>,
    pub(crate) hour_cycle: Option<&'static str>,
}

const CYCLES: [(&str, char); 4] = [("h11", 'K'), ("h12", 'h'), ("h23", 'H'), ("h24", 'k')];

fn length_of(value: &str, symbol: char) -> Field {
    let length = match value {
        "2-digit" => 2,
        "long" => 4,
        "narrow" => 5,
        "short" => 3,
        _ => 1,
    };
    Field { symbol, length }
}

impl DateOptions {
    /// The locale's own hours are those of its short time.
    fn hour_symbol(&self, generator: &Generator) -> char {
        let short = Skeleton::parse(generator.patterns().get("Ts").unwrap_or("HH:mm"));
        let own = short.get(Kind::Hour).map_or('H', |field| field.symbol);
        match self.hour12 {
            Some(true) if self.locale.ends_with("JP") || self.locale == "ja" => 'K',
            Some(true) => 'h',
            Some(false) => 'H',
            None => {
                let asked = CYCLES.iter().find(|(name, _)| self.hour_cycle.as_deref() == Some(name));
                asked.map_or(own, |(_, symbol)| *symbol)
            }
        }
    }

    fn skeleton(&self, hour: char) -> Skeleton {
        let mut skeleton = Skeleton::default();
        let texts = [
            (&self.weekday, 'E'),
            (&self.era, 'G'),
            (&self.year, 'y'),
            (&self.month, 'M'),
            (&self.day, 'd'),
            (&self.hour, hour),
            (&self.minute, 'm'),
            (&self.second, 's'),
        ];
        for (value, symbol) in texts {
            if let Some(value) = value {
                skeleton.set(length_of(value, symbol));
            }
        }
        let twelve = Field { symbol: hour, length: 1 }.has_twelve_hours();
        if let (Some(value), true) = (&self.day_period, twelve || self.hour.is_none()) {
            let length = length_of(value, 'B').length;
            skeleton.set(Field { symbol: 'B', length: if length == 3 { 1 } else { length } });
        }
        if let Some(digits) = self.fractional_second_digits {
            skeleton.set(Field { symbol: 'S', length: digits });
        }
        let zone = self.time_zone_name.as_deref().map(|name| match name {
            "long" => ('z', 4),
            "shortOffset" => ('O', 1),
            "longOffset" => ('O', 4),
            "shortGeneric" => ('v', 1),
            "longGeneric" => ('v', 4),
            _ => ('z', 1),
        });
        if let Some((symbol, length)) = zone {
            skeleton.set(Field { symbol, length });
        }
        skeleton
    }

    fn style(&self, generator: &Generator, kind: char, style: &str) -> Vec<Item> {
        let letter = style.chars().next().unwrap_or('s');
        items(generator.patterns().get(&format!("{kind}{letter}")).unwrap_or_default())
    }

    fn styled(&self, generator: &Generator, hour: char) -> Vec<Item> {
        let asked = Field { symbol: hour, length: 1 };
        let time = self.time_style.as_deref().map(|style| {
            let own = self.style(generator, 'T', style);
            let mut skeleton = Skeleton::default();
            for item in &own {
                if let Item::Field(field) = item {
                    skeleton.set(*field);
                }
            }
            match skeleton.get(Kind::Hour) {
                Some(field) if field.has_twelve_hours() != asked.has_twelve_hours() => {
                    skeleton.set(asked);
                    generator.best(&skeleton.only(|kind| kind != Kind::DayPeriod))
                }
                _ => own,
            }
        });
        let date = self.date_style.as_deref().map(|style| self.style(generator, 'D', style));
        match (date, time) {
            (Some(date), Some(time)) => {
                let style = self.date_style.as_deref().and_then(|style| style.chars().next());
                generator.join(style.unwrap_or('s'), date, time)
            }
            (date, time) => date.or(time).unwrap_or_default(),
        }
    }

    /// Chooses the pattern.
    pub(crate) fn pattern(&self, generator: &Generator) -> Pattern {
        let hour = self.hour_symbol(generator);
        let mut items = if self.date_style.is_some() || self.time_style.is_some() {
            self.styled(generator, hour)
        } else {
            generator.best(&self.skeleton(hour))
        };
        let mut hour_cycle = None;
        for item in &mut items {
            if let Item::Field(field) = item
                && Kind::of(field.symbol) == Some(Kind::Hour)
            {
                field.symbol = hour;
                hour_cycle = CYCLES.iter().find(|(_, symbol)| *symbol == hour).map(|(name, _)| *name);
            }
        }
        Pattern { items, hour_cycle }
    }
}

/// A field of a pattern in the words of `resolvedOptions`.
pub(crate) fn describe(field: Field) -> Option<(&'static str, Value)> {
    let width = match field.length {
        1 if field.is_numeric() => "numeric",
        2 if field.is_numeric() => "2-digit",
        4 => "long",
        5 => "narrow",
        _ => "short",
    };
    let name = match Kind::of(field.symbol)? {
        Kind::DayPeriod if field.symbol != 'B' => return None,
        Kind::Fraction => return Some(("fractionalSecondDigits", json!(field.length))),
        Kind::Zone => {
            let width = if field.length == 4 { "long" } else { "short" };
            let kind = match field.symbol {
                'O' => "Offset",
                'v' => "Generic",
                _ => "",
            };
            return Some(("timeZoneName", json!(format!("{width}{kind}"))));
        }
        kind => super::part_name(kind),
    };
    Some((name, json!(width)))
}
