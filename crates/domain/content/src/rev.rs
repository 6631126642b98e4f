//! The optimistic lock of an entry (CMS contract §1.5).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_store::content::Entry;
use emdash_types::{Error, ErrorCode, Result, Timestamp};
use serde::{Serialize, Serializer};

/// Which state of an entry a client has seen. On the wire: base64 of `<version>:<updated_at>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rev {
    /// Grows with every change of the entry's values, staged or live.
    pub version: i64,
    /// When its live row last changed.
    pub updated_at: Timestamp,
}

impl Rev {
    /// The state an entry is in.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { version: entry.version, updated_at: entry.updated_at }
    }

    /// The wire form.
    #[must_use]
    pub fn encode(self) -> String {
        STANDARD.encode(format!("{}:{}", self.version, self.updated_at))
    }

    /// Reads the wire form; `None` for anything else.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let plain = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (version, updated_at) = plain.split_once(':')?;
        Some(Self { version: version.parse().ok()?, updated_at: Timestamp::parse(updated_at)? })
    }

    /// Refuses a wire form that does not name the state the entry is in. No wire form is a blind write.
    ///
    /// # Errors
    /// `CONFLICT`, also for a malformed text.
    pub fn check(given: Option<&str>, entry: &Entry) -> Result<()> {
        match given {
            None => Ok(()),
            Some(text) if Self::decode(text) == Some(Self::of(entry)) => Ok(()),
            Some(_) => Err(Error::new(
                ErrorCode::Conflict,
                "The content has been changed since it was loaded (the _rev does not match).",
            )
            .hint("Load it again, apply your changes to what you get, and save with its _rev.")),
        }
    }
}

impl fmt::Display for Rev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

impl Serialize for Rev {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_wire_form_is_the_recorded_one() {
        let rev = Rev { version: 1, updated_at: Timestamp::parse("2026-11-20T10:32:58.092Z").unwrap() };
        assert_eq!(rev.encode(), "MToyMDI2LTExLTIwVDEwOjMyOjU4LjA5Mlo=");
    }

    proptest! {
        #[test]
        fn it_survives_its_wire_form(version in 0_i64.., millis in 0_i64..4_000_000_000_000) {
            let rev = Rev { version, updated_at: Timestamp::from_millis(millis) };
            prop_assert_eq!(Rev::decode(&rev.encode()), Some(rev));
        }

        #[test]
        fn any_other_text_is_no_rev(text in "[a-zA-Z0-9+/=:]{0,40}") {
            let decoded = Rev::decode(&text);
            prop_assert!(decoded.is_none_or(|rev| rev.encode() == text));
        }
    }
}
