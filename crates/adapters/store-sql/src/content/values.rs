//! Field values into columns and back.

use emdash_store::content::{Collection, ColumnKind, Field, FieldKind};
use emdash_types::{Error, JsonMap, Result};
use serde_json::Value as Json;

use crate::Value;
use crate::row::Reader;

/// The column value of a field value.
///
/// # Errors
/// `VALIDATION_ERROR` when the value is not of the field's type.
pub(super) fn column_value(field: &Field, value: &Json) -> Result<Value> {
    let wrong = |expected: &str| {
        let path = format!("data.{}", field.slug);
        Error::field(&path, format!("expected {expected}, received {}", kind_of(value)))
    };
    Ok(match (field.kind.column(), value) {
        (_, Json::Null) => Value::Null,
        (ColumnKind::Text, Json::String(text)) => Value::Text(text.clone()),
        (ColumnKind::Text, _) => return Err(wrong("text")),
        (ColumnKind::Integer, Json::Bool(flag)) if field.kind == FieldKind::Boolean => {
            Value::Integer(i64::from(*flag))
        }
        (ColumnKind::Integer, _) if field.kind == FieldKind::Boolean => {
            return Err(wrong("true or false"));
        }
        (ColumnKind::Integer, _) => {
            Value::Integer(whole_number(value).ok_or_else(|| wrong("a whole number of 64 bits"))?)
        }
        (ColumnKind::Real, _) => Value::Real(value.as_f64().ok_or_else(|| wrong("a number"))?),
        (ColumnKind::Json, _) => Value::Text(value.to_string()),
    })
}

fn whole_number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        let whole = format!("{number:.0}").parse().ok()?;
        (number.fract() == 0.0).then_some(whole)
    })
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// The column values of all fields, in field order.
///
/// # Errors
/// `VALIDATION_ERROR` for a value of another type or of no field.
pub(super) fn column_values(collection: &Collection, data: &JsonMap) -> Result<Vec<Value>> {
    if let Some(stranger) = data.keys().find(|key| collection.field(key).is_none()) {
        let message = format!("the collection {} has no such field", collection.name);
        return Err(Error::field(&format!("data.{stranger}"), message));
    }
    let value_of = |field: &Field| {
        data.get(field.slug.as_str()).map_or(Ok(Value::Null), |value| column_value(field, value))
    };
    collection.fields.iter().map(value_of).collect()
}

/// The next value of a row as a field value; `None` where it is NULL.
pub(super) fn field_value(row: &mut Reader<'_>, field: &Field) -> Result<Option<Json>> {
    Ok(match (field.kind.column(), row.value()) {
        (_, Value::Null) => None,
        (ColumnKind::Text, Value::Text(text)) => Some(Json::String(text)),
        (ColumnKind::Integer, Value::Integer(number)) if field.kind == FieldKind::Boolean => {
            Some(Json::Bool(number != 0))
        }
        (ColumnKind::Integer, Value::Integer(number)) => Some(Json::from(number)),
        (ColumnKind::Real, Value::Real(number)) => Some(Json::from(number)),
        (ColumnKind::Json, Value::Text(text)) => Some(
            serde_json::from_str(&text).map_err(|problem| row.inconsistent(field.slug.as_str(), problem))?,
        ),
        (expected, found) => {
            let problem = format!("expected {expected:?}, found {found:?}");
            return Err(row.inconsistent(field.slug.as_str(), problem));
        }
    })
}
