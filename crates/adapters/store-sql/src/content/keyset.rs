//! Going on after a row: the part of a list behind a cursor, as segments that are read one after the other.
//!
//! NULL compares with nothing in SQL and is the smallest value here, so the rows with NULL form a segment of their own
//! at the end of a descending list or the start of an ascending one. Each segment is one range of an index.

use emdash_store::content::{Collection, EntryOrder, OrderBy};
use emdash_types::{Cursor, Error, ErrorCode, Result};

use super::filter::Conditions;
use super::values::column_value;
use crate::Value;

/// The column of an order.
pub(super) struct OrderColumn {
    /// Over `e`, the entry's row.
    pub(super) sql: String,
    nullable: bool,
    descending: bool,
}

/// One range of rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Segment {
    /// Every row.
    All,
    /// Rows with a value, after this value and id.
    After(Value, String),
    /// Rows with a value, from the first one.
    Valued,
    /// Rows without a value, after this id.
    NullAfter(String),
    /// Rows without a value, from the first one.
    Null,
}

impl OrderColumn {
    /// The column of an order.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a field the collection does not have.
    pub(super) fn of(collection: &Collection, order: &EntryOrder) -> Result<Self> {
        let (name, nullable) = match &order.by {
            OrderBy::CreatedAt => ("created_at", false),
            OrderBy::UpdatedAt => ("updated_at", false),
            OrderBy::PublishedAt => ("published_at", true),
            OrderBy::ScheduledAt => ("scheduled_at", true),
            OrderBy::DeletedAt => ("deleted_at", true),
            OrderBy::Slug => ("slug", true),
            OrderBy::Status => ("status", false),
            OrderBy::Locale => ("locale", false),
            OrderBy::Field(name) => match collection.field(name.as_str()) {
                Some(field) => (field.slug.as_str(), true),
                None => {
                    let message = format!("the collection {} has no field {name}", collection.name);
                    return Err(Error::field("orderBy", message));
                }
            },
        };
        Ok(Self { sql: format!("e.\"{name}\""), nullable, descending: order.descending })
    }

    /// The `ORDER BY` list.
    pub(super) fn order(&self) -> String {
        match (self.descending, self.nullable) {
            (true, true) => format!("{} DESC NULLS LAST, e.id DESC", self.sql),
            (true, false) => format!("{} DESC, e.id DESC", self.sql),
            (false, true) => format!("{} ASC NULLS FIRST, e.id ASC", self.sql),
            (false, false) => format!("{} ASC, e.id ASC", self.sql),
        }
    }

    /// What is left of the list after a cursor, in list order.
    pub(super) fn segments(
        &self,
        collection: &Collection,
        order: &EntryOrder,
        cursor: Option<&Cursor>,
    ) -> Result<Vec<Segment>> {
        let Some(cursor) = cursor else { return Ok(vec![Segment::All]) };
        let id = cursor.id.clone();
        Ok(match cursor_value(collection, order, &cursor.order_value)? {
            Value::Null if self.descending => vec![Segment::NullAfter(id)],
            Value::Null => vec![Segment::NullAfter(id), Segment::Valued],
            value if self.descending && self.nullable => vec![Segment::After(value, id), Segment::Null],
            value => vec![Segment::After(value, id)],
        })
    }

    /// Restricts conditions to a segment.
    pub(super) fn restrict(&self, conditions: &mut Conditions, segment: &Segment) {
        let (column, beyond) = (&self.sql, if self.descending { "<" } else { ">" });
        match segment {
            Segment::All => {}
            Segment::Valued => conditions.and(&format!("{column} IS NOT NULL")),
            Segment::Null => conditions.and(&format!("{column} IS NULL")),
            Segment::NullAfter(id) => {
                let id = conditions.bind(id.as_str());
                conditions.and(&format!("{column} IS NULL AND e.id {beyond} {id}"));
            }
            Segment::After(value, id) => {
                let (value, id) = (conditions.bind(value), conditions.bind(id.as_str()));
                conditions.and(&format!("({column}, e.id) {beyond} ({value}, {id})"));
            }
        }
    }
}

/// The value in a cursor, as `cursor_after` put it there: empty where the column was NULL, JSON for a field.
fn cursor_value(collection: &Collection, order: &EntryOrder, text: &str) -> Result<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let OrderBy::Field(name) = &order.by else { return Ok(Value::Text(text.to_owned())) };
    let foreign = || {
        Error::new(ErrorCode::InvalidCursor, "Invalid pagination cursor: it belongs to another order.")
            .hint("Start again from the first page, without a cursor.")
    };
    let field = collection.field(name.as_str()).ok_or_else(foreign)?;
    let value = serde_json::from_str(text).map_err(|_| foreign())?;
    column_value(field, &value).map_err(|_| foreign())
}
