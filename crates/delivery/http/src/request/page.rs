//! `limit` and `cursor` of lists (CMS contract §1.4).

use emdash_types::{Cursor, Error, Result};
use serde::Deserialize;

/// Most items of one page.
const LIMIT_MAX: u32 = 100;

/// `?limit=`, 1 to 100, with a default.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Limit<const DEFAULT: u32>(String);

impl<const DEFAULT: u32> Default for Limit<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT.to_string())
    }
}

impl<const DEFAULT: u32> Limit<DEFAULT> {
    /// The number.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` outside 1 to 100.
    pub fn get(&self) -> Result<u32> {
        let number = self.0.parse::<u32>().ok().filter(|number| (1..=LIMIT_MAX).contains(number));
        number.ok_or_else(|| {
            Error::field("limit", format!("must be a number from 1 to {LIMIT_MAX}, is \"{}\"", self.0))
        })
    }
}

/// `?cursor=`.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub struct CursorText(Option<String>);

impl CursorText {
    /// The cursor, where there is one.
    ///
    /// # Errors
    /// `INVALID_CURSOR`.
    pub fn get(&self) -> Result<Option<Cursor>> {
        self.0.as_deref().filter(|text| !text.is_empty()).map(Cursor::decode).transpose()
    }
}
