//! When a task is due: a cron expression in UTC, or one instant (plugin contract §3.11).

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use emdash_types::{Error, ErrorCode, Result, Timestamp};

use crate::words::shown;

/// Longest schedule, in characters.
const MAX_SCHEDULE: usize = 256;

/// A schedule, read.
pub(crate) enum Schedule {
    /// At one instant.
    Once(Timestamp),
    /// Again and again.
    Recurring(Box<Cron>),
}

impl Schedule {
    /// Reads an expression of 5 fields, or 6 with seconds first, an alias such as `@daily`, or an ISO 8601 instant. What
    /// can be read as an expression is one.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` in the words of the contract.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let length = text.chars().count();
        if length == 0 || length > MAX_SCHEDULE {
            let message = format!("Invalid schedule: must be 1-{MAX_SCHEDULE} characters, got {length}");
            return Err(Error::new(ErrorCode::ValidationError, message));
        }
        if let Some(expression) = expression(text) {
            return Ok(Self::Recurring(Box::new(expression)));
        }
        Timestamp::parse(text).map(Self::Once).ok_or_else(|| {
            let message = format!(
                "Invalid schedule \"{}\": must be a valid cron expression or ISO 8601 datetime",
                shown(text)
            );
            Error::new(ErrorCode::ValidationError, message)
                .hint("Write five fields, \"0 6 * * *\", six with seconds, \"@daily\", or an instant, \"2030-01-31T06:00:00Z\".")
        })
    }

    /// Whether it is one instant.
    pub(crate) fn is_once(&self) -> bool {
        matches!(self, Self::Once(_))
    }

    /// The first instant after another; the one instant of [`Schedule::Once`], even when it has passed.
    pub(crate) fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Once(at) => Some(*at),
            Self::Recurring(expression) => next(expression, instant),
        }
    }
}

fn expression(text: &str) -> Option<Cron> {
    // Known to the JavaScript library whose expressions plugins write.
    let text = if text.trim().eq_ignore_ascii_case("@midnight") { "@daily" } else { text };
    let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).sloppy_ranges(true);
    parser.build().parse(text).ok()
}

fn next(expression: &Cron, after: Timestamp) -> Option<Timestamp> {
    let utc = jiff::tz::TimeZone::UTC;
    let after = jiff::Timestamp::from_millisecond(after.as_millis()).ok()?.to_zoned(utc.clone()).datetime();
    let found = expression.find_next_occurrence(&after, false).ok()?;
    Some(Timestamp::from_millis(found.to_zoned(utc).ok()?.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_of(schedule: &str) -> String {
        let friday = Timestamp::parse("2026-11-20T10:32:58.092Z").unwrap();
        match Schedule::parse(schedule) {
            Ok(schedule) => schedule.next_after(friday).map_or("never".to_owned(), |at| at.to_string()),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn expressions_aliases_and_instants_are_read_in_utc() {
        for (schedule, expected) in [
            ("*/15 * * * *", "2026-11-20T10:45:00.000Z"),
            ("30 */5 * * * *", "2026-11-20T10:35:30.000Z"),
            ("* * * * * *", "2026-11-20T10:32:59.000Z"),
            ("0 6 * * MON", "2026-11-23T06:00:00.000Z"),
            ("0 0 29 2 *", "2028-02-29T00:00:00.000Z"),
            ("@hourly", "2026-11-20T11:00:00.000Z"),
            ("@daily", "2026-11-21T00:00:00.000Z"),
            ("@midnight", "2026-11-21T00:00:00.000Z"),
            ("@weekly", "2026-11-22T00:00:00.000Z"),
            ("@monthly", "2026-12-01T00:00:00.000Z"),
            ("@yearly", "2027-01-01T00:00:00.000Z"),
            // Not the first to the fifth of some month.
            ("1-5 * * * *", "2026-11-20T11:01:00.000Z"),
            ("2026-12-01T00:30:00+02:00", "2026-11-30T22:30:00.000Z"),
            ("2026-12-01T00:30:00", "2026-12-01T00:30:00.000Z"),
            ("2020-01-01", "2020-01-01T00:00:00.000Z"),
            ("0 0 30 2 *", "never"),
        ] {
            assert_eq!(next_of(schedule), expected, "{schedule}");
        }
    }

    #[test]
    fn a_schedule_nobody_can_read_is_refused_in_the_words_of_the_contract() {
        for schedule in ["soon", "@reboot", "* * * *", "* * * * * * *", "61 * * * *", "\u{1b}[31m"] {
            let message = next_of(schedule);
            assert!(
                message.starts_with("Invalid schedule \"") && message.is_ascii(),
                "{schedule}: {message}"
            );
        }
        assert_eq!(next_of(""), "Invalid schedule: must be 1-256 characters, got 0");
        assert_eq!(next_of(&"*".repeat(257)), "Invalid schedule: must be 1-256 characters, got 257");
    }

    #[test]
    fn no_expression_keeps_the_search_busy() {
        for schedule in ["0 0 31 2,4,6,9,11 *", "59 59 23 29 2 MON#5", "0 0 29W 2 *", "0 0 L 2 FRI#5"] {
            next_of(schedule);
        }
    }
}
