//! `Intl.DateTimeFormat`.

mod calendar;
mod generator;
mod options;
mod range;
mod skeleton;
pub(crate) mod zone;

use fixed_decimal::Decimal;
use icu::decimal::DecimalFormatter;
use icu::decimal::options::GroupingStrategy;
use serde_json::{Value, json};

pub(crate) use calendar::{CALENDARS, default_calendar};

use calendar::Names;
use generator::Generator;
use options::{DateOptions, Pattern};
use range::{Ranges, second_half};
use skeleton::{Field, Item, Kind};
use zone::{Moment, Zone};

use crate::parts::Parts;
use crate::patterns::Patterns;
use crate::{locale, preferences};

/// A formatter, made once and used for many dates.
pub(crate) struct DateFormat {
    items: Vec<Item>,
    names: Box<dyn Names>,
    zone: Zone,
    decimal: DecimalFormatter,
    hour_cycle: Option<&'static str>,
    ranges: Ranges,
}

fn part_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Era => "era",
        Kind::Year => "year",
        Kind::Month => "month",
        Kind::Weekday => "weekday",
        Kind::Day => "day",
        Kind::DayPeriod => "dayPeriod",
        Kind::Hour => "hour",
        Kind::Minute => "minute",
        Kind::Second => "second",
        Kind::Fraction => "fractionalSecond",
        Kind::Zone => "timeZoneName",
    }
}

impl DateFormat {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let options: DateOptions =
            serde_json::from_value(options.clone()).map_err(|error| error.to_string())?;
        let id = locale::parse(&options.locale)?.id;
        let prefs = preferences(&id, &options.numbering_system);
        let mut never = icu::decimal::options::DecimalFormatterOptions::default();
        never.grouping_strategy = Some(GroupingStrategy::Never);
        let decimal = DecimalFormatter::try_new((&prefs).into(), never).map_err(|error| error.to_string())?;
        let mut half = Decimal::from(15);
        half.multiply_pow10(-1);
        let half = decimal.format_to_string(&half);
        let mut separator = half.chars();
        let (_, _) = (separator.next(), separator.next_back());
        let data = locale::data_name(&id).unwrap_or_default();
        let generator = Generator::new(Patterns::of(&data), separator.collect());
        let pattern = options.pattern(&generator);
        let zone = Zone::find(&options.time_zone)?;
        let Pattern { items, hour_cycle } = pattern;
        let ranges = Ranges::new(&generator, &items);
        let names = calendar::names(&options.calendar, &prefs, &items, ranges.fields())?;
        Ok(Self { items, names, zone, decimal, hour_cycle, ranges })
    }

    /// What `resolvedOptions` adds to the request.
    pub(crate) fn resolved(&self) -> Value {
        let mut fields = serde_json::Map::new();
        for item in &self.items {
            if let Item::Field(field) = item
                && let Some((name, value)) = options::describe(*field)
            {
                fields.insert(name.to_owned(), value);
            }
        }
        json!({"timeZone": self.zone.name, "hourCycle": self.hour_cycle, "fields": fields})
    }

    /// One date, in milliseconds since 1970.
    pub(crate) fn parts(&self, milliseconds: &str) -> Result<Parts, String> {
        let moment = self.moment(milliseconds)?;
        let mut parts = Parts::default();
        self.write(&self.items, &moment, &mut parts)?;
        Ok(parts)
    }

    /// One date as text. CLDR has narrow spaces in times since version 42; programs that take dates apart expect
    /// none, so browsers and Node write plain ones.
    pub(crate) fn text(&self, milliseconds: &str) -> Result<String, String> {
        Ok(self.parts(milliseconds)?.text().replace('\u{202f}', " "))
    }

    fn moment(&self, milliseconds: &str) -> Result<Moment, String> {
        self.zone.at(milliseconds.parse().map_err(|_| "Invalid time value")?)
    }

    fn write(&self, items: &[Item], moment: &Moment, parts: &mut Parts) -> Result<(), String> {
        for item in items {
            match item {
                Item::Text(text) => parts.push("literal", text),
                Item::Field(field) => {
                    let name = Kind::of(field.symbol).map_or("literal", part_name);
                    parts.push(name, &self.field(*field, moment)?);
                }
            }
        }
        Ok(())
    }

    fn field(&self, field: Field, moment: &Moment) -> Result<String, String> {
        if field.symbol != 'S' {
            return self.names.field(field, moment);
        }
        let digits = i16::try_from(field.length.min(3)).unwrap_or(3);
        let mut fraction = Decimal::from(moment.milliseconds);
        fraction.multiply_pow10(digits - 3);
        fraction.trunc(0);
        fraction.pad_start(digits);
        Ok(self.decimal.format_to_string(&fraction))
    }

    /// Two dates: what they share is said once.
    pub(crate) fn range(&self, start: &str, end: &str) -> Result<Parts, String> {
        let (start, end) = (self.moment(start)?, self.moment(end)?);
        let mut texts = [Parts::default(), Parts::default()];
        for (parts, moment) in texts.iter_mut().zip([&start, &end]) {
            self.write(&self.items, moment, parts)?;
        }
        let [first, second] = texts;
        if first == second {
            return Ok(first.sourced("shared"));
        }
        let pattern = self.ranges.pattern(&start, &end);
        // Without a name that only the range's pattern needs, both dates are written out.
        if let Some(parts) = pattern.and_then(|pattern| self.written_once(pattern, &start, &end).ok()) {
            return Ok(parts);
        }
        let mut parts = first.sourced("startRange");
        parts.push_from("shared", "literal", &self.ranges.between);
        parts.append(second.sourced("endRange"));
        Ok(parts)
    }

    /// A range by a pattern that has both dates in it.
    fn written_once(&self, pattern: &[Item], start: &Moment, end: &Moment) -> Result<Parts, String> {
        let middle = second_half(pattern);
        let (before, after) = pattern.split_at_checked(middle).unwrap_or((pattern, &[]));
        let twice = |kind: Option<Kind>, half: &[Item]| {
            half.iter().any(|item| matches!(item, Item::Field(field) if Kind::of(field.symbol) == kind))
        };
        let mut parts = Parts::default();
        for (half, other, moment, source) in
            [(before, after, start, "startRange"), (after, before, end, "endRange")]
        {
            for item in half {
                match item {
                    Item::Text(text) => parts.push_from("shared", "literal", text),
                    Item::Field(field) => {
                        let kind = Kind::of(field.symbol);
                        let source = if twice(kind, other) { source } else { "shared" };
                        let name = kind.map_or("literal", part_name);
                        parts.push_from(source, name, &self.field(*field, moment)?);
                    }
                }
            }
        }
        Ok(parts)
    }
}
