//! Time zones: IANA names and offsets, and what the clock shows there.

use icu::calendar::{Date, Iso};
use icu::time::zone::models::AtTime;
use icu::time::zone::{UtcOffset, ZoneNameTimestamp};
use icu::time::{Time, TimeZone, TimeZoneInfo, ZonedDateTime};
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

/// The outermost instant ECMAScript knows, in milliseconds on either side of 1970.
const TIME_RANGE: f64 = 8.64e15;

enum Offsets {
    Fixed(UtcOffset),
    Of(jiff::tz::TimeZone),
}

/// A zone and its name.
pub(crate) struct Zone {
    /// As `resolvedOptions().timeZone` reports it.
    pub(crate) name: String,
    offsets: Offsets,
    identity: TimeZone,
}

/// An instant as a zone's clocks and calendars show it.
pub(crate) struct Moment {
    pub(crate) date: Date<Iso>,
    pub(crate) time: Time,
    pub(crate) zone: TimeZoneInfo<AtTime>,
    /// Of the second.
    pub(crate) milliseconds: u16,
}

impl Zone {
    /// Finds a zone by name, in any case, or by offset (`+05:30`).
    pub(crate) fn find(name: &str) -> Result<Self, String> {
        let unknown =
            || format!("Invalid time zone specified: {}", name.chars().take(40).collect::<String>());
        if name.starts_with(['+', '-']) {
            let offset = offset(name).ok_or_else(unknown)?;
            let seconds = offset.to_seconds();
            let sign = if seconds < 0 { '-' } else { '+' };
            let minutes = seconds.abs() / 60;
            let name = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            return Ok(Self { name, offsets: Offsets::Fixed(offset), identity: TimeZone::UNKNOWN });
        }
        if ["UTC", "GMT", "Etc/UTC", "Etc/GMT"].iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
            let identity = TimeZone::from_iana_id("Etc/UTC");
            return Ok(Self { name: "UTC".to_owned(), offsets: Offsets::Fixed(UtcOffset::zero()), identity });
        }
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())?;
        let name = zone.iana_name().ok_or_else(unknown)?.to_owned();
        let identity = TimeZone::from_iana_id(&name);
        Ok(Self { name, offsets: Offsets::Of(zone), identity })
    }

    /// What the zone's clocks show at an instant in milliseconds since 1970.
    pub(crate) fn at(&self, milliseconds: f64) -> Result<Moment, String> {
        if milliseconds.is_nan() || milliseconds.abs() > TIME_RANGE {
            return Err("Invalid time value".to_owned());
        }
        let milliseconds = milliseconds as i64;
        let offset = match &self.offsets {
            Offsets::Fixed(offset) => *offset,
            Offsets::Of(zone) => {
                // The rules of the last and first year that the database knows go on.
                let known = milliseconds
                    .div_euclid(1000)
                    .clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let known = Timestamp::from_second(known).map_err(|error| error.to_string())?;
                UtcOffset::try_from_seconds(zone.to_offset(known).seconds())
                    .map_err(|error| error.to_string())?
            }
        };
        let local = ZonedDateTime::from_epoch_milliseconds_and_utc_offset(milliseconds, offset);
        let named_at = ZoneNameTimestamp::from_epoch_seconds(milliseconds.div_euclid(1000));
        Ok(Moment {
            date: local.date,
            time: local.time,
            zone: self.identity.with_offset(Some(offset)).with_zone_name_timestamp(named_at),
            milliseconds: u16::try_from(milliseconds.rem_euclid(1000)).unwrap_or_default(),
        })
    }
}

/// `±HH`, `±HHMM` or `±HH:MM`.
fn offset(name: &str) -> Option<UtcOffset> {
    let digits = name.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':')?,
        _ => return None,
    };
    let number = |text: &str, limit: i32| {
        let two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|value| two && *value < limit)
    };
    let seconds = number(hours, 24)? * 3600 + number(minutes, 60)? * 60;
    UtcOffset::try_from_seconds(if name.starts_with('-') { -seconds } else { seconds }).ok()
}

/// Every zone by its canonical name.
pub(crate) fn names() -> Vec<String> {
    let parser = icu::time::zone::iana::IanaParserExtended::new();
    let mut names: Vec<String> = parser
        .iter()
        .map(|zone| if zone.canonical == "Etc/UTC" { "UTC".to_owned() } else { zone.canonical.to_owned() })
        .filter(|name| {
            name == "UTC" || (name.contains('/') && !name.starts_with("Etc/") && Zone::find(name).is_ok())
        })
        .collect();
    names.sort();
    names
}
