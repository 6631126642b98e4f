//! Rows into domain types. A value that cannot be what its column should hold is an inconsistency of the database,
//! reported with table, column and row.

use std::fmt;

use emdash_types::{Error, Result, Timestamp};
use serde::de::DeserializeOwned;

use crate::{Row, Value};

/// Takes the values of a row one after the other, in the order of the select list.
pub(crate) struct Reader<'a> {
    table: &'a str,
    key: String,
    values: std::vec::IntoIter<Value>,
}

impl<'a> Reader<'a> {
    /// Over a row of a table; the first value names the row in an error.
    pub(crate) fn new(table: &'a str, row: Row) -> Self {
        let key = match row.first() {
            Some(Value::Text(text)) => text.clone(),
            other => format!("{other:?}"),
        };
        Self { table, key, values: row.into_iter() }
    }

    /// The error about a column's value.
    pub(crate) fn inconsistent(&self, column: &str, problem: impl fmt::Display) -> Error {
        Error::internal(format!(
            "inconsistent data in table {}, column {column}, row {}: {problem}",
            self.table, self.key
        ))
    }

    /// The next value as it is.
    pub(crate) fn value(&mut self) -> Value {
        self.values.next().unwrap_or_default()
    }

    pub(crate) fn optional_text(&mut self, column: &str) -> Result<Option<String>> {
        match self.value() {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(self.inconsistent(column, format!("expected text, found {other:?}"))),
        }
    }

    pub(crate) fn text(&mut self, column: &str) -> Result<String> {
        self.optional_text(column)?.ok_or_else(|| self.inconsistent(column, "expected text, found NULL"))
    }

    pub(crate) fn optional_integer(&mut self, column: &str) -> Result<Option<i64>> {
        match self.value() {
            Value::Integer(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            other => Err(self.inconsistent(column, format!("expected an integer, found {other:?}"))),
        }
    }

    pub(crate) fn integer(&mut self, column: &str) -> Result<i64> {
        self.optional_integer(column)?
            .ok_or_else(|| self.inconsistent(column, "expected an integer, found NULL"))
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self, column: &str) -> Result<T> {
        let number = self.integer(column)?;
        T::try_from(number).map_err(|_| self.inconsistent(column, format!("{number} is out of range")))
    }

    pub(crate) fn flag(&mut self, column: &str) -> Result<bool> {
        Ok(self.integer(column)? != 0)
    }

    pub(crate) fn real(&mut self, column: &str) -> Result<f64> {
        match self.value() {
            Value::Real(number) => Ok(number),
            other => Err(self.inconsistent(column, format!("expected a number, found {other:?}"))),
        }
    }

    pub(crate) fn optional_id<T: From<String>>(&mut self, column: &str) -> Result<Option<T>> {
        Ok(self.optional_text(column)?.map(T::from))
    }

    pub(crate) fn id<T: From<String>>(&mut self, column: &str) -> Result<T> {
        self.text(column).map(T::from)
    }

    /// Text with a grammar: a collection name, a plugin id.
    pub(crate) fn checked<T>(&mut self, column: &str) -> Result<T>
    where
        T: TryFrom<String>,
        T::Error: fmt::Display,
    {
        let text = self.text(column)?;
        T::try_from(text).map_err(|problem| self.inconsistent(column, problem))
    }

    /// Text of a closed list.
    pub(crate) fn word<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| self.inconsistent(column, format!("unknown word \"{text}\"")))
    }

    pub(crate) fn optional_time(&mut self, column: &str) -> Result<Option<Timestamp>> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        match Timestamp::parse(&text) {
            Some(at) => Ok(Some(at)),
            None => Err(self.inconsistent(column, format!("\"{text}\" is not an instant"))),
        }
    }

    pub(crate) fn time(&mut self, column: &str) -> Result<Timestamp> {
        self.optional_time(column)?
            .ok_or_else(|| self.inconsistent(column, "expected an instant, found NULL"))
    }

    pub(crate) fn optional_json<T: DeserializeOwned>(&mut self, column: &str) -> Result<Option<T>> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|problem| self.inconsistent(column, problem))
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self, column: &str) -> Result<T> {
        self.optional_json(column)?.ok_or_else(|| self.inconsistent(column, "expected JSON, found NULL"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inconsistency_names_table_column_and_row_in_the_log_only() {
        let mut reader = Reader::new("users", vec![Value::Text("01A".into()), Value::Text("x".into())]);
        assert_eq!(reader.text("id").unwrap(), "01A");
        let error = reader.integer("role").unwrap_err();
        assert_eq!(error.message(), "Something went wrong on the server.");
        assert_eq!(
            error.cause().unwrap().to_string(),
            "inconsistent data in table users, column role, row 01A: expected an integer, found Text(\"x\")"
        );
    }
}
