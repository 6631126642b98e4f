//! Values to and from the types PostgreSQL gives columns and placeholders.

use std::error::Error as StdError;

use bytes::BytesMut;
use emdash_store_sql::Value;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

type Failure = Box<dyn StdError + Sync + Send>;

/// A value bound to a placeholder of whatever type the server inferred.
#[derive(Debug)]
pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Text(text) => text.as_str().to_sql(kind, out),
            Value::Blob(bytes) => bytes.as_slice().to_sql(kind, out),
            Value::Integer(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Value::Integer(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Value::Real(number) if *kind == Type::FLOAT8 => number.to_sql(kind, out),
            other => Err(format!("{other:?} cannot be bound as {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The values of a row.
pub(crate) fn values(row: &Row) -> Result<Vec<Value>, Failure> {
    row.columns().iter().enumerate().map(|(place, column)| value(row, place, column.type_())).collect()
}

fn value(row: &Row, place: usize, kind: &Type) -> Result<Value, Failure> {
    Ok(match *kind {
        Type::TEXT | Type::VARCHAR => {
            row.try_get::<_, Option<String>>(place)?.map_or(Value::Null, Value::Text)
        }
        Type::INT8 => row.try_get::<_, Option<i64>>(place)?.map_or(Value::Null, Value::Integer),
        Type::INT4 => {
            row.try_get::<_, Option<i32>>(place)?.map_or(Value::Null, |number| Value::Integer(number.into()))
        }
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(place)?.map_or(Value::Null, Value::Real),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(place)?.map_or(Value::Null, Value::Blob),
        ref other => return Err(format!("a column of type {other} cannot be read").into()),
    })
}
