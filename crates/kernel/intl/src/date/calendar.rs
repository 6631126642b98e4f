//! Calendars: the names and numbers of a date's fields.

use icu::calendar::cal::{Buddhist, Hijri, Japanese, Persian, Roc, hijri};
use icu::calendar::{Calendar, Date, Gregorian};
use icu::datetime::DateTimeFormatterPreferences;
use icu::datetime::fieldsets::enums::CompositeFieldSet;
use icu::datetime::pattern::{DateTimePattern, FixedCalendarDateTimeNames};
use icu::datetime::scaffold::CldrCalendar;
use icu::locale::Locale;
use icu::time::ZonedDateTime;
use writeable::TryWriteable;

use super::skeleton::{Field, Item};
use super::zone::Moment;

/// The calendars there are, by their BCP 47 names.
pub(crate) const CALENDARS: [&str; 6] =
    ["buddhist", "gregory", "islamic-umalqura", "japanese", "persian", "roc"];

/// What a locale's people use unless told otherwise.
pub(crate) fn default_calendar(region: Option<&str>, language: &str) -> &'static str {
    match (region, language) {
        (Some("TH"), _) | (None, "th") => "buddhist",
        (Some("IR" | "AF"), _) | (None, "fa" | "ps") => "persian",
        _ => "gregory",
    }
}

/// Writes fields of moments.
pub(crate) trait Names {
    fn field(&self, field: Field, moment: &Moment) -> Result<String, String>;
}

struct Of<C: CldrCalendar> {
    calendar: C,
    names: FixedCalendarDateTimeNames<C, CompositeFieldSet>,
}

fn pattern(field: Field) -> Result<DateTimePattern, String> {
    let text: String = std::iter::repeat_n(field.symbol, field.length).collect();
    DateTimePattern::try_from_pattern_str(&text).map_err(|error| error.to_string())
}

impl<C> Names for Of<C>
where
    C: CldrCalendar + Calendar + Copy,
{
    fn field(&self, field: Field, moment: &Moment) -> Result<String, String> {
        let pattern = pattern(field)?;
        let date: Date<C> = moment.date.to_calendar(self.calendar);
        let moment = ZonedDateTime { date, time: moment.time, zone: moment.zone };
        let formatted = self.names.with_pattern_unchecked(&pattern).format(&moment);
        let text = formatted.try_write_to_string().map_err(|(error, _)| format!("{error:?}"))?;
        Ok(text.into_owned())
    }
}

/// Loads what the pattern's fields need, and of `more` what does not contradict them.
pub(crate) fn names(
    calendar: &str,
    prefs: &Locale,
    items: &[Item],
    more: impl Iterator<Item = Field>,
) -> Result<Box<dyn Names>, String> {
    macro_rules! of {
        ($calendar:expr) => {{
            let mut names = FixedCalendarDateTimeNames::try_new(DateTimeFormatterPreferences::from(prefs))
                .map_err(|error| error.to_string())?;
            for item in items {
                if let Item::Field(field) = item
                    && field.symbol != 'S'
                {
                    names.include_for_pattern(&pattern(*field)?).map_err(|error| error.to_string())?;
                }
            }
            for field in more {
                let _loaded = names.include_for_pattern(&pattern(field)?).is_ok();
            }
            Box::new(Of { calendar: $calendar, names })
        }};
    }
    Ok(match calendar {
        "buddhist" => of!(Buddhist),
        "islamic-umalqura" => of!(Hijri::<hijri::UmmAlQura>::new_umm_al_qura()),
        "japanese" => of!(Japanese::new()),
        "persian" => of!(Persian),
        "roc" => of!(Roc),
        _ => of!(Gregorian),
    })
}
