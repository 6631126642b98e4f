//! Functions whose built-in form takes quadratic time, in linear time: between two steps nobody can stop SQLite.

use std::collections::HashSet;

use memchr::memmem;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result, ffi};

/// Puts them in the place of the built-in ones.
pub fn install(connection: &Connection, longest: usize) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("instr", 2, flags, instr)?;
    connection.create_scalar_function("replace", 3, flags, move |context| replace(context, longest))?;
    for (name, start, end) in [("trim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
        connection.create_scalar_function(name, 2, flags, move |context| trim(context, start, end))?;
    }
    Ok(())
}

/// A value as text, as SQLite casts it.
fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn instr(context: &Context<'_>) -> Result<Option<i64>> {
    let (hay, needle) = (context.get_raw(0), context.get_raw(1));
    let found = if let (ValueRef::Blob(hay), ValueRef::Blob(needle)) = (hay, needle) {
        memmem::find(hay, needle).map(|at| at + 1)
    } else {
        let (Some(hay), Some(needle)) = (text(hay), text(needle)) else { return Ok(None) };
        memmem::find(hay.as_bytes(), needle.as_bytes())
            .map(|at| hay.get(..at).map_or(0, |before| before.chars().count()) + 1)
    };
    Ok(Some(found.and_then(|at| i64::try_from(at).ok()).unwrap_or_default()))
}

fn replace(context: &Context<'_>, longest: usize) -> Result<Option<String>> {
    let arguments = (text(context.get_raw(0)), text(context.get_raw(1)), text(context.get_raw(2)));
    let (Some(whole), Some(old), Some(new)) = arguments else { return Ok(None) };
    if old.is_empty() {
        return Ok(Some(whole));
    }
    let count = memmem::find_iter(whole.as_bytes(), old.as_bytes()).count();
    let length = whole.len() - count * old.len() + count.saturating_mul(new.len());
    if length > longest {
        let error = ffi::Error::new(ffi::SQLITE_TOOBIG);
        return Err(Error::SqliteFailure(error, None));
    }
    Ok(Some(whole.replace(&old, &new)))
}

fn trim(context: &Context<'_>, start: bool, end: bool) -> Result<Value> {
    let (Some(whole), Some(set)) = (text(context.get_raw(0)), text(context.get_raw(1))) else {
        return Ok(Value::Null);
    };
    let set: HashSet<char> = set.chars().collect();
    let mut rest = whole.as_str();
    if start {
        rest = rest.trim_start_matches(|c| set.contains(&c));
    }
    if end {
        rest = rest.trim_end_matches(|c| set.contains(&c));
    }
    Ok(Value::Text(rest.to_owned()))
}
