//! Which entries are wanted, as SQL.

use emdash_store::content::{Collection, DateField, EntryFilter, Field, FieldCondition};
use emdash_types::{EntryId, Error, Result, TermId};
use serde_json::Value as Json;

use super::values::column_value;
use crate::value::{Bind, json_list};
use crate::{Dialect, Value};

/// Conditions that all hold, and their values.
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// The filter's, over `e`, the entry's row.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a condition on no field, or with a value that is not of the field's type.
    pub(super) fn of(dialect: Dialect, collection: &Collection, filter: &EntryFilter) -> Result<Self> {
        let trash = if filter.trashed { "e.deleted_at IS NOT NULL" } else { "e.deleted_at IS NULL" };
        let mut conditions = Self { sql: trash.to_owned(), values: Vec::new() };
        conditions.compare("e.status =", filter.status.map(emdash_store::content::EntryStatus::as_str));
        conditions.compare("e.locale =", filter.locale.as_ref());
        conditions.compare("e.translation_group =", filter.translation_group.as_ref());
        conditions.compare("e.author_id =", filter.author_id.as_ref());
        conditions.compare("e.scheduled_at <=", filter.due_at);
        if let Some(range) = filter.dates {
            let column = match range.field {
                DateField::CreatedAt => "e.created_at",
                DateField::UpdatedAt => "e.updated_at",
                DateField::PublishedAt => "e.published_at",
            };
            conditions.compare(&format!("{column} >="), range.from);
            conditions.compare(&format!("{column} <"), range.until);
        }
        if let Some(ids) = &filter.ids {
            let ids = conditions.bind(json_list(ids.iter().map(EntryId::as_str)));
            conditions.and(&format!("e.id IN {}", dialect.list(&ids)));
        }
        if let Some(byline) = &filter.byline_id {
            let (name, byline) = (conditions.bind(&collection.name), conditions.bind(byline));
            conditions.and(&format!(
                "e.id IN (SELECT content_id FROM _emdash_content_bylines \
                 WHERE byline_id = {byline} AND collection_slug = {name})"
            ));
        }
        if let Some(terms) = &filter.terms {
            let name = conditions.bind(&collection.name);
            let terms = conditions.bind(json_list(terms.iter().map(TermId::as_str)));
            conditions.and(&format!(
                "e.translation_group IN (SELECT entry_id FROM content_taxonomies \
                 WHERE collection = {name} AND taxonomy_id IN {})",
                dialect.list(&terms)
            ));
        }
        if let Some(text) = &filter.text {
            conditions.contains(dialect, collection, text);
        }
        for (name, condition) in &filter.fields {
            let field = collection.field(name.as_str()).ok_or_else(|| {
                Error::field("where", format!("the collection {} has no field {name}", collection.name))
            })?;
            conditions.field(field, condition)?;
        }
        Ok(conditions)
    }

    fn field(&mut self, field: &Field, condition: &FieldCondition) -> Result<()> {
        let column = format!("e.\"{}\"", field.slug);
        match condition {
            FieldCondition::Missing => self.and(&format!("{column} IS NULL")),
            FieldCondition::In(values) if values.is_empty() => self.and("1 = 0"),
            FieldCondition::In(values) => {
                let values = values.iter().map(|value| Ok(self.bind(&column_value(field, value)?)));
                let list = values.collect::<Result<Vec<_>>>()?.join(", ");
                self.and(&format!("{column} IN ({list})"));
            }
            FieldCondition::Range { gt, gte, lt, lte } => {
                for (operator, bound) in [(">", gt), (">=", gte), ("<", lt), ("<=", lte)] {
                    if let Some(bound) = bound {
                        let bound = self.bind(&column_value(field, bound)?);
                        self.and(&format!("{column} {operator} {bound}"));
                    }
                }
            }
            FieldCondition::Prefix(prefix) => {
                let from = self.bind(&column_value(field, &Json::from(prefix.as_str()))?);
                // Nothing that begins with the prefix sorts behind it with the last of all characters.
                let until = self.bind(format!("{prefix}{}", char::MAX));
                self.and(&format!("{column} >= {from} AND {column} < {until}"));
            }
        }
        Ok(())
    }

    fn contains(&mut self, dialect: Dialect, collection: &Collection, text: &str) {
        let needle = self.bind(text.to_lowercase());
        let mut any = dialect.contains("coalesce(e.slug, '')", &needle);
        if let Some(title) = collection.title_field() {
            let column = format!("coalesce(e.\"{}\", '')", title.slug);
            any.push_str(&format!(" OR {}", dialect.contains(&column, &needle)));
        }
        self.and(&format!("({any})"));
    }

    fn compare(&mut self, left: &str, value: Option<impl Bind>) {
        if let Some(value) = value {
            let placeholder = self.bind(value);
            self.and(&format!("{left} {placeholder}"));
        }
    }

    /// Adds a condition.
    pub(super) fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    /// Adds a value; returns its placeholder.
    pub(super) fn bind(&mut self, value: impl Bind) -> String {
        self.values.push(value.value());
        format!("?{}", self.values.len())
    }
}
