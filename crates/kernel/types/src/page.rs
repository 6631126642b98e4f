//! Pages and cursors: one form for every list of the program.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, Result};

/// Where the next page of a list begins: the sort value and the id of the last row already given.
///
/// On the wire: base64 of `{"orderValue":…,"id":…}`, opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The sort value of the last row, as text.
    #[serde(rename = "orderValue")]
    pub order_value: String,
    /// The id of the last row, which breaks ties.
    pub id: String,
}

impl Cursor {
    /// Longest accepted cursor, in characters.
    pub const MAX_LENGTH: usize = 4096;

    /// The opaque text form.
    #[must_use]
    pub fn encode(&self) -> String {
        STANDARD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads the opaque text form.
    ///
    /// # Errors
    /// `INVALID_CURSOR` when it is too long or was not made by [`Cursor::encode`].
    pub fn decode(text: &str) -> Result<Self> {
        let refused = || {
            let shown: String = text.chars().take(50).collect();
            Error::new(ErrorCode::InvalidCursor, format!("Invalid pagination cursor: {shown}"))
                .hint("Start again from the first page, without a cursor.")
        };
        if text.len() > Self::MAX_LENGTH {
            return Err(refused());
        }
        let bytes = STANDARD.decode(text).map_err(|_| refused())?;
        serde_json::from_slice(&bytes).map_err(|_| refused())
    }
}

/// Which page of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Number of items wanted; callers check their own maximum.
    pub limit: u32,
    /// Where to go on; `None` for the first page.
    pub cursor: Option<Cursor>,
}

impl PageRequest {
    /// The first `limit` items.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { limit, cursor: None }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in list order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Builds a page from up to `limit + 1` rows: the surplus row only shows that there is more.
    pub fn from_surplus(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }

    /// The same page with other items.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text_form(order_value in ".{0,40}", id in "[0-9A-Z]{26}") {
            let cursor = Cursor { order_value, id };
            prop_assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        let error = Cursor::decode("abc").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidCursor);
        assert_eq!(error.message(), "Invalid pagination cursor: abc");
    }
}
