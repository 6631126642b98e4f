//! `ctx.storage.<collection>` (plugin contract §3.3).

use emdash_ports::plugin_data::{Condition, Direction, Document, DocumentQuery, Filter, PluginData, Scalar};
use emdash_types::{Error, ErrorCode, JsonMap, Result};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::{self, NULL};
use super::arguments::Arguments;
use crate::words::shown;

/// `ctx.storage[""]` is a collection like any other: an undeclared one.
fn collection(arguments: &Arguments<'_>) -> Result<String> {
    arguments.required(0, "collection", "a string")
}

pub(super) fn get(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    let found = data.document_get(&collection(arguments)?, &arguments.text(1, "id")?)?;
    Ok(found.unwrap_or_else(|| NULL.to_owned()))
}

pub(super) fn put(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    let document = Document { id: arguments.text(1, "id")?, json: arguments.json(2, "data")?.to_owned() };
    data.document_put_many(&collection(arguments)?, &[document])?;
    Ok(NULL.to_owned())
}

pub(super) fn delete(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    let deleted = data.document_delete_many(&collection(arguments)?, &[arguments.text(1, "id")?])?;
    Ok((deleted > 0).to_string())
}

pub(super) fn exists(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    Ok(data.document_exists(&collection(arguments)?, &arguments.text(1, "id")?)?.to_string())
}

/// Pairs of id and document, which the guest makes a `Map` of.
pub(super) fn get_many(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    let found = data.document_get_many(&collection(arguments)?, &ids(arguments)?)?;
    Ok(answer::array(&found, |item| format!("[{},{}]", answer::text(&item.id), item.json)))
}

pub(super) fn put_many(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    #[derive(Deserialize)]
    struct Item<'a> {
        id: String,
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let items: Vec<Item<'_>> = arguments.required(1, "items", "an array of {id, data}")?;
    let documents: Vec<_> =
        items.into_iter().map(|item| Document { id: item.id, json: item.data.get().to_owned() }).collect();
    data.document_put_many(&collection(arguments)?, &documents)?;
    Ok(NULL.to_owned())
}

pub(super) fn delete_many(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    Ok(data.document_delete_many(&collection(arguments)?, &ids(arguments)?)?.to_string())
}

pub(super) fn query(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Options {
        r#where: Option<JsonMap>,
        order_by: Option<JsonMap>,
        limit: Option<f64>,
        cursor: Option<String>,
    }
    let options: Options = arguments.optional(1, "options", "an object {where, orderBy, limit, cursor}")?;
    let query = DocumentQuery {
        filter: filter(options.r#where.unwrap_or_default())?,
        order: options.order_by.unwrap_or_default().iter().map(direction).collect::<Result<_>>()?,
        // The cast saturates; the limit is clamped below.
        limit: options.limit.map(|limit| limit as u32),
        cursor: options.cursor,
    };
    let page = data.document_query(&collection(arguments)?, &query)?;
    let items = answer::array(&page.items, |item| {
        format!(r#"{{"id":{},"data":{}}}"#, answer::text(&item.id), item.json)
    });
    Ok(match page.cursor {
        Some(cursor) => format!(r#"{{"items":{items},"cursor":{},"hasMore":true}}"#, answer::text(&cursor)),
        None => format!(r#"{{"items":{items},"hasMore":false}}"#),
    })
}

pub(super) fn count(data: &dyn PluginData, arguments: &Arguments<'_>) -> Result<String> {
    let conditions = filter(arguments.optional(1, "where", "an object")?)?;
    Ok(data.document_count(&collection(arguments)?, &conditions)?.to_string())
}

fn ids(arguments: &Arguments<'_>) -> Result<Vec<String>> {
    arguments.required(1, "ids", "an array of strings")
}

pub(super) fn filter(conditions: JsonMap) -> Result<Filter> {
    conditions
        .into_iter()
        .map(|(field, wanted)| match condition(wanted) {
            Some(condition) => Ok((field, condition)),
            None => {
                let message = format!("Unknown filter type for field '{}'", shown(&field));
                Err(Error::new(ErrorCode::ValidationError, message).hint(
                    "Use a string, number, boolean or null, {gt, gte, lt, lte}, {in: […]} or {startsWith: …}.",
                ))
            }
        })
        .collect()
}

fn condition(wanted: Value) -> Option<Condition> {
    let Value::Object(operators) = wanted else { return scalar(wanted).map(Condition::Equals) };
    if operators.len() == 1 {
        match operators.iter().next() {
            Some((name, Value::Array(values))) if name == "in" => {
                return values.iter().cloned().map(scalar).collect::<Option<_>>().map(Condition::In);
            }
            Some((name, Value::String(prefix))) if name == "startsWith" => {
                return Some(Condition::StartsWith(prefix.clone()));
            }
            _ => {}
        }
    }
    range(operators)
}

fn range(operators: JsonMap) -> Option<Condition> {
    let (mut gt, mut gte, mut lt, mut lte) = (None, None, None, None);
    if operators.is_empty() {
        return None;
    }
    for (name, bound) in operators {
        let place = match name.as_str() {
            "gt" => &mut gt,
            "gte" => &mut gte,
            "lt" => &mut lt,
            "lte" => &mut lte,
            _ => return None,
        };
        *place = Some(scalar(bound).filter(|bound| matches!(bound, Scalar::Number(_) | Scalar::Text(_)))?);
    }
    Some(Condition::Range { gt, gte, lt, lte })
}

fn scalar(value: Value) -> Option<Scalar> {
    match value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(value) => Some(Scalar::Boolean(value)),
        Value::Number(number) => number.as_f64().map(Scalar::Number),
        Value::String(text) => Some(Scalar::Text(text)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn direction((field, direction): (&String, &Value)) -> Result<(String, Direction)> {
    let direction = match direction.as_str() {
        Some("asc") => Direction::Ascending,
        Some("desc") => Direction::Descending,
        _ => {
            let message = format!("orderBy: write \"asc\" or \"desc\" for the field '{}'", shown(field));
            return Err(Error::new(ErrorCode::ValidationError, message));
        }
    };
    Ok((field.clone(), direction))
}
