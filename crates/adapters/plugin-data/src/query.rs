//! Documents by condition, sorted, page by page (plugin contract §3.3).
//!
//! A field is `json_extract(data, '$.field')`, which has SQLite's order: nothing, then numbers (and booleans as
//! 0 and 1), then texts by bytes. Conditions check the JSON type besides, so that a text never compares as a number.

use emdash_ports::plugin_data::{
    Condition, Direction, Document, DocumentPage, DocumentQuery, Filter, Scalar,
};
use emdash_types::{Error, ErrorCode};
use rusqlite::{Row, Statement, params_from_iter};

use crate::cursor::{Position, SortValue, refused};
use crate::database::{Access, Fault};
use crate::documents::Collection;
use crate::schema;

pub fn count(access: &mut Access<'_>, collection: &Collection, filter: &Filter) -> Result<u64, Fault> {
    let mut clause = Clause::of(collection);
    clause.filter(collection, filter)?;
    let sql = format!("SELECT count(*) FROM _plugin_storage WHERE {}", clause.sql);
    let count: i64 = access
        .connection
        .prepare_cached(&sql)?
        .query_row(params_from_iter(clause.values), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

pub fn page(
    access: &mut Access<'_>,
    collection: &Collection,
    query: &DocumentQuery,
) -> Result<DocumentPage, Fault> {
    let order = Order::of(collection, &query.order)?;
    let mut clause = Clause::of(collection);
    clause.filter(collection, &query.filter)?;
    if let Some(cursor) = &query.cursor {
        let position = Position::decode(cursor, &order.label, order.keys.len())?;
        let values = match position.values {
            Some(values) => values,
            None => read_again(access, collection, &order, &position.id)?.ok_or_else(|| refused(cursor))?,
        };
        clause.after(&order, &values, &position.id);
    }
    let limit = query.effective_limit() as usize;
    let sql = format!(
        "SELECT id, data{} FROM _plugin_storage WHERE {} ORDER BY {}id LIMIT {}",
        order.columns(),
        clause.sql,
        order.terms(),
        limit + 1,
    );
    let mut statement = access.connection.prepare_cached(&sql)?;
    fetch(&mut statement, clause.values, &order, limit, access.limits.answer_bytes)
}

/// Up to `limit` rows; fewer where they fill an answer. One row more than shown means that there is another page.
fn fetch(
    statement: &mut Statement<'_>,
    values: Vec<SortValue>,
    order: &Order,
    limit: usize,
    answer_bytes: usize,
) -> Result<DocumentPage, Fault> {
    let mut rows = statement.query(params_from_iter(values))?;
    let mut items: Vec<Document> = Vec::new();
    let mut last = None;
    let mut used = 0_usize;
    while let Some(row) = rows.next()? {
        let document = Document { id: row.get(0)?, json: row.get(1)? };
        used = used.saturating_add(document.id.len()).saturating_add(document.json.len());
        let full = items.len() == limit || (used > answer_bytes && !items.is_empty());
        if full {
            return Ok(DocumentPage { items, cursor: last.map(|last: Position| last.encode(&order.label)) });
        }
        last = Some(Position { values: Some(sort_values(row, order, 2)?), id: document.id.clone() });
        items.push(document);
    }
    Ok(DocumentPage { items, cursor: None })
}

fn sort_values(row: &Row<'_>, order: &Order, first: usize) -> rusqlite::Result<Vec<SortValue>> {
    (0..order.keys.len()).map(|index| Ok(row.get_ref(first + index)?.into())).collect()
}

fn read_again(
    access: &mut Access<'_>,
    collection: &Collection,
    order: &Order,
    id: &str,
) -> Result<Option<Vec<SortValue>>, Fault> {
    let sql = format!("SELECT id{} FROM _plugin_storage WHERE collection = ?1 AND id = ?2", order.columns());
    let mut statement = access.connection.prepare_cached(&sql)?;
    let mut rows = statement.query((collection.number, id))?;
    Ok(rows.next()?.map(|row| sort_values(row, order, 1)).transpose()?)
}

/// What rows are sorted by, before the id.
struct Order {
    keys: Vec<(String, Direction)>,
    /// `+a,-b`: what a cursor remembers.
    label: String,
}

impl Order {
    fn of(collection: &Collection, fields: &[(String, Direction)]) -> Result<Self, Fault> {
        if fields.is_empty() {
            let keys = vec![("created_at".to_owned(), Direction::Ascending)];
            return Ok(Self { keys, label: String::new() });
        }
        let mut keys = Vec::with_capacity(fields.len());
        let mut label = Vec::with_capacity(fields.len());
        for (field, direction) in fields {
            keys.push((indexed(collection, field, "order by")?, *direction));
            label.push(format!("{}{field}", if *direction == Direction::Ascending { '+' } else { '-' }));
        }
        Ok(Self { keys, label: label.join(",") })
    }

    fn columns(&self) -> String {
        self.keys.iter().map(|(key, _)| format!(", {key}")).collect()
    }

    fn terms(&self) -> String {
        let word = |direction| if direction == Direction::Ascending { "ASC" } else { "DESC" };
        self.keys.iter().map(|(key, direction)| format!("{key} {}, ", word(*direction))).collect()
    }
}

/// A condition with its bound values.
struct Clause {
    sql: String,
    values: Vec<SortValue>,
}

impl Clause {
    fn of(collection: &Collection) -> Self {
        // The number stands in the text because a partial index is only used where its condition is visible.
        Self { sql: format!("collection = {}", collection.number), values: Vec::new() }
    }

    fn bind(&mut self, value: SortValue) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn bind_text(&mut self, text: &str) -> String {
        self.bind(SortValue::Text(text.as_bytes().to_vec()))
    }

    fn filter(&mut self, collection: &Collection, filter: &Filter) -> Result<(), Fault> {
        for (field, condition) in filter {
            let key = indexed(collection, field, "query on")?;
            let kind = format!("json_type(data, '$.{field}')");
            let sql = self.condition(field, &key, &kind, condition)?;
            self.sql.push_str(" AND ");
            self.sql.push_str(&sql);
        }
        Ok(())
    }

    fn condition(
        &mut self,
        field: &str,
        key: &str,
        kind: &str,
        condition: &Condition,
    ) -> Result<String, Fault> {
        Ok(match condition {
            Condition::Equals(value) => self.one_of(key, kind, std::slice::from_ref(value)),
            Condition::In(values) => self.one_of(key, kind, values),
            Condition::StartsWith(prefix) => {
                let mut sql = format!("({kind} = 'text' AND {key} >= {}", self.bind_text(prefix));
                if let Some(end) = after_prefix(prefix) {
                    sql.push_str(&format!(" AND {key} < {}", self.bind_text(&end)));
                }
                sql + ")"
            }
            Condition::Range { gt, gte, lt, lte } => {
                let bounds = [(">", gt), (">=", gte), ("<", lt), ("<=", lte)];
                let mut parts = Vec::new();
                for (operator, bound) in bounds {
                    let (kinds, value) = match bound {
                        None => continue,
                        Some(Scalar::Text(text)) => ("= 'text'", self.bind_text(text)),
                        Some(Scalar::Number(number)) => ("IN ('integer', 'real')", self.bind_number(*number)),
                        Some(_) => return Err(unknown_filter(field).into()),
                    };
                    parts.push(format!("{kind} {kinds} AND {key} {operator} {value}"));
                }
                if parts.is_empty() {
                    return Err(unknown_filter(field).into());
                }
                format!("({})", parts.join(" AND "))
            }
        })
    }

    /// SQLite reads the number from its text, as it read the documents: both then round alike.
    fn bind_number(&mut self, number: f64) -> String {
        let text = self.bind_text(&json_number(number));
        format!("json_extract({text}, '$')")
    }

    fn one_of(&mut self, key: &str, kind: &str, values: &[Scalar]) -> String {
        let mut parts = Vec::new();
        let texts: Vec<&str> = values.iter().filter_map(as_text).collect();
        match texts.as_slice() {
            [] => {}
            [text] => parts.push(format!("({key} = {} AND {kind} = 'text')", self.bind_text(text))),
            texts => {
                let list = self.bind_text(&serde_json::Value::from(texts.to_vec()).to_string());
                parts.push(format!("({key} IN (SELECT value FROM json_each({list})) AND {kind} = 'text')"));
            }
        }
        let numbers: Vec<String> = values.iter().filter_map(as_number).map(json_number).collect();
        if !numbers.is_empty() {
            let list = self.bind_text(&format!("[{}]", numbers.join(",")));
            parts.push(format!(
                "({key} IN (SELECT value FROM json_each({list})) AND {kind} IN ('integer', 'real'))"
            ));
        }
        for (value, number) in [(true, 1), (false, 0)] {
            if values.contains(&Scalar::Boolean(value)) {
                parts.push(format!("({key} = {number} AND {kind} = '{value}')"));
            }
        }
        if values.contains(&Scalar::Null) {
            parts.push(format!("{key} IS NULL"));
        }
        if parts.is_empty() { "0".to_owned() } else { format!("({})", parts.join(" OR ")) }
    }

    /// Rows after a position: beyond it by the first key, or level by the first and beyond by the second, and so on.
    fn after(&mut self, order: &Order, values: &[SortValue], id: &str) {
        let last = self.bind_text(id);
        let mut sql = format!("id > {last}");
        for ((key, direction), value) in order.keys.iter().zip(values).rev() {
            let bound = self.bind(value.clone());
            // NULL sorts first, and no comparison with it is true.
            let beyond = match (direction, value) {
                (Direction::Ascending, SortValue::Null) => format!("{key} IS NOT NULL"),
                (Direction::Ascending, _) => format!("{key} > {bound}"),
                (Direction::Descending, SortValue::Null) => "0".to_owned(),
                (Direction::Descending, _) => format!("({key} < {bound} OR {key} IS NULL)"),
            };
            sql = format!("({beyond} OR ({key} IS {bound} AND {sql}))");
        }
        self.sql.push_str(" AND ");
        self.sql.push_str(&sql);
    }
}

/// The expression of a field that an index covers.
fn indexed(collection: &Collection, field: &str, verb: &str) -> Result<String, Fault> {
    let expression = schema::field_expression(field).filter(|_| collection.shape.is_indexed(field));
    expression.ok_or_else(|| {
        let shown: String = field.chars().take(80).collect();
        Error::new(ErrorCode::FieldNotIndexed, format!("Cannot {verb} non-indexed field '{shown}'."))
            .hint(format!("Add it to the indexes of \"{}\" in the plugin's manifest.", collection.name))
            .details(serde_json::json!({"field": shown}))
            .into()
    })
}

fn unknown_filter(field: &str) -> Error {
    Error::new(ErrorCode::ValidationError, format!("Unknown filter type for field '{field}'"))
}

fn as_text(value: &Scalar) -> Option<&str> {
    if let Scalar::Text(text) = value { Some(text) } else { None }
}

fn as_number(value: &Scalar) -> Option<f64> {
    if let Scalar::Number(number) = value { Some(*number) } else { None }
}

fn json_number(number: f64) -> String {
    serde_json::Value::from(number).to_string()
}

/// The first text after every text that begins with this one; `None` where there is none.
pub fn after_prefix(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_lies_before_the_end_of_a_prefix_exactly_when_it_begins_with_it(prefix in ".{1,4}", text in ".{0,6}") {
            let Some(end) = after_prefix(&prefix) else { return Ok(()) };
            prop_assert_eq!(text >= prefix && text < end, text.starts_with(&prefix));
            let longer = format!("{prefix}{text}");
            prop_assert!(longer >= prefix && longer < end);
        }
    }
}
