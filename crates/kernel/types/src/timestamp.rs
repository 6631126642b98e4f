//! Instants in UTC with millisecond precision.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Its text form is `2026-11-20T10:32:58.092Z`,
/// whose alphabetical order is the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved by a number of milliseconds, forwards or backwards.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339 with any offset, `YYYY-MM-DDTHH:MM[:SS]` or `YYYY-MM-DD HH:MM:SS` as UTC, or `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self(instant.as_millisecond()));
        }
        let naive = text.parse::<jiff::civil::DateTime>().ok().or_else(|| {
            text.parse::<jiff::civil::Date>().ok().map(|date| date.to_datetime(jiff::civil::Time::midnight()))
        })?;
        let instant = naive.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(instant.timestamp().as_millisecond()))
    }

    fn civil(self) -> jiff::civil::DateTime {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::Offset::UTC.to_datetime(instant)
    }

    /// The calendar date, `2026-11-20`.
    #[must_use]
    pub fn date(self) -> String {
        self.civil().date().to_string()
    }

    /// A date for readers, `20 November 2026`.
    #[must_use]
    pub fn long_date(self) -> String {
        self.civil().strftime("%-d %B %Y").to_string()
    }

    /// RFC 2822, as RSS and HTTP want it: `Fri, 20 Nov 2026 10:32:58 GMT`.
    #[must_use]
    pub fn rfc2822(self) -> String {
        self.civil().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        write!(f, "{}.{:03}Z", civil.strftime("%Y-%m-%dT%H:%M:%S"), civil.millisecond())
    }
}

impl TryFrom<String> for Timestamp {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("\"{text}\" is not an ISO 8601 instant"))
    }
}

impl From<Timestamp> for String {
    fn from(value: Timestamp) -> Self {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_accepted_form_is_read_as_utc() {
        let expected = Some(Timestamp::from_millis(1_795_170_778_000));
        for text in [
            "2026-11-20T10:32:58Z",
            "2026-11-20T11:32:58+01:00",
            "2026-11-20 10:32:58",
            "2026-11-20T10:32:58",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        assert_eq!(Timestamp::parse("2026-11-20").unwrap().to_string(), "2026-11-20T00:00:00.000Z");
        assert_eq!(Timestamp::parse("0000-00-00 00:00:00"), None);
        assert_eq!(Timestamp::from_millis(1_795_170_778_000).rfc2822(), "Fri, 20 Nov 2026 10:32:58 GMT");
    }

    proptest! {
        #[test]
        fn text_form_round_trips_and_sorts_like_time(a in 0_i64..4_000_000_000_000, b in 0_i64..4_000_000_000_000) {
            let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(Timestamp::parse(&a.to_string()), Some(a));
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }
    }
}
