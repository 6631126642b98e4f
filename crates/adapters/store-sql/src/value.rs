//! Values as they go into a statement and come out of a row.

use emdash_types::{
    AuditId, BylineId, CallId, CollectionName, CronTaskId, EntryId, JobId, MediaId, PluginId,
    PluginRequestId, PublisherId, ReleaseId, RevisionId, SessionId, TermId, Timestamp, TokenId, UserId,
    ViolationId,
};

/// One value of a statement or a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// NULL.
    #[default]
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A double.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One row of a result, values in the order of the select list.
pub type Row = Vec<Value>;

/// What can be bound to a placeholder.
pub(crate) trait Bind {
    fn value(&self) -> Value;
}

macro_rules! bind_as_text {
    ($($id:ty),+ $(,)?) => {$(
        impl Bind for $id {
            fn value(&self) -> Value {
                Value::Text(self.as_str().to_owned())
            }
        }
    )+};
}

bind_as_text!(
    AuditId,
    BylineId,
    CallId,
    CollectionName,
    CronTaskId,
    EntryId,
    JobId,
    MediaId,
    PluginId,
    PluginRequestId,
    PublisherId,
    ReleaseId,
    RevisionId,
    SessionId,
    TermId,
    TokenId,
    UserId,
    ViolationId,
    String,
);

impl Bind for str {
    fn value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Bind for Timestamp {
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl Bind for bool {
    fn value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
}

impl Bind for i64 {
    fn value(&self) -> Value {
        Value::Integer(*self)
    }
}

impl Bind for u32 {
    fn value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
}

impl Bind for u64 {
    fn value(&self) -> Value {
        Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl Bind for serde_json::Value {
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl Bind for Value {
    fn value(&self) -> Value {
        self.clone()
    }
}

impl<T: Bind> Bind for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Bind::value)
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn value(&self) -> Value {
        (*self).value()
    }
}

/// The values of a statement, in the order of their placeholders.
macro_rules! bind {
    ($($value:expr),* $(,)?) => { [$($crate::value::Bind::value(&$value)),*] };
}
pub(crate) use bind;

/// A list as JSON text, for `Dialect::list` or a JSON column.
pub(crate) fn json_list<'a>(items: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Text(serde_json::Value::from_iter(items).to_string())
}
