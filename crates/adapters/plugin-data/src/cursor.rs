//! Where the next page begins: the sort values and the id of the last row (plugin contract §3.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_types::{Cursor, Error, ErrorCode, Result};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// A sort value, exactly as SQLite has it. Texts are bytes: JSON may escape half a surrogate pair.
#[derive(Clone, Debug, PartialEq)]
pub enum SortValue {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
}

impl From<ValueRef<'_>> for SortValue {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Self::Text(bytes.to_vec()),
        }
    }
}

impl ToSql for SortValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(bytes) => ValueRef::Text(bytes),
        }))
    }
}

/// A position in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The sort values; `None` where they are too long for a cursor and have to be read again from the row.
    pub values: Option<Vec<SortValue>>,
    /// The row's id.
    pub id: String,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "orderValue")]
    values: Option<Vec<WireValue>>,
    id: String,
    /// The order the cursor was made for: under another one its values mean nothing.
    order: String,
}

#[derive(Serialize, Deserialize)]
enum WireValue {
    #[serde(rename = "null")]
    Null,
    #[serde(rename = "integer")]
    Integer(i64),
    /// The bits, because a decimal text need not come back as the same number.
    #[serde(rename = "real")]
    Real(u64),
    #[serde(rename = "text")]
    Text(String),
}

impl Position {
    /// The opaque text form.
    pub fn encode(&self, order: &str) -> String {
        let values = self.values.as_ref().and_then(|values| values.iter().map(to_wire).collect());
        let encode = |values| {
            let wire = Wire { values, id: self.id.clone(), order: order.to_owned() };
            STANDARD.encode(serde_json::to_vec(&wire).unwrap_or_default())
        };
        let text = encode(values);
        if text.len() <= Cursor::MAX_LENGTH { text } else { encode(None) }
    }

    /// Reads the opaque text form.
    ///
    /// # Errors
    /// `INVALID_CURSOR` for anything [`Position::encode`] did not make for this order of `fields` sort values.
    pub fn decode(text: &str, order: &str, fields: usize) -> Result<Self> {
        let wire = Some(text)
            .filter(|text| text.len() <= Cursor::MAX_LENGTH)
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|bytes| serde_json::from_slice::<Wire>(&bytes).ok())
            .filter(|wire| wire.order == order)
            .filter(|wire| wire.values.as_ref().is_none_or(|values| values.len() == fields));
        let Some(wire) = wire else { return Err(refused(text)) };
        let values = wire.values.map(|values| values.into_iter().map(from_wire).collect());
        Ok(Self { values, id: wire.id })
    }
}

/// The refusal of a cursor.
pub fn refused(text: &str) -> Error {
    let shown: String = text.chars().take(50).collect();
    Error::new(ErrorCode::InvalidCursor, format!("Invalid pagination cursor: {shown}"))
        .hint("Start again from the first page, without a cursor.")
}

fn to_wire(value: &SortValue) -> Option<WireValue> {
    Some(match value {
        SortValue::Null => WireValue::Null,
        SortValue::Integer(number) => WireValue::Integer(*number),
        SortValue::Real(number) => WireValue::Real(number.to_bits()),
        SortValue::Text(bytes) => WireValue::Text(str::from_utf8(bytes).ok()?.to_owned()),
    })
}

fn from_wire(value: WireValue) -> SortValue {
    match value {
        WireValue::Null => SortValue::Null,
        WireValue::Integer(number) => SortValue::Integer(number),
        WireValue::Real(bits) => SortValue::Real(f64::from_bits(bits)),
        WireValue::Text(text) => SortValue::Text(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_text_form_to_the_last_bit() {
        let values = vec![
            SortValue::Null,
            SortValue::Integer(i64::MIN),
            SortValue::Real(0.1 + 0.2),
            SortValue::Text("ü\u{0}".into()),
        ];
        let position = Position { values: Some(values), id: "x".into() };
        assert_eq!(Position::decode(&position.encode("a"), "a", 4).unwrap(), position);
    }

    #[test]
    fn a_cursor_of_another_order_or_with_too_few_values_is_refused() {
        let position = Position { values: Some(vec![SortValue::Null]), id: "x".into() };
        let text = position.encode("+a");
        for (order, fields) in [("-a", 1), ("+a", 2)] {
            let error = Position::decode(&text, order, fields).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidCursor);
        }
        let message = Position::decode(&"x".repeat(5_000), "+a", 1).unwrap_err().message().to_owned();
        assert_eq!(message, format!("Invalid pagination cursor: {}", "x".repeat(50)));
    }

    #[test]
    fn values_too_long_for_a_cursor_are_left_out() {
        let values = Some(vec![SortValue::Text(vec![b'a'; 10_000])]);
        let text = Position { values, id: "x".into() }.encode("+a");
        assert_eq!(Position::decode(&text, "+a", 1).unwrap(), Position { values: None, id: "x".into() });
    }
}
