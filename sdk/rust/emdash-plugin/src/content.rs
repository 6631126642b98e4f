//! `ctx.content`: the site's entries; needs `content:read` or `content:write`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::emdash::plugin::content;
use crate::{Failure, read, write};

/// An entry.
///
/// # Errors
/// A refusal, or an entry that is no `T`.
pub fn get<T: DeserializeOwned>(collection: &str, id: &str) -> Result<Option<T>, Failure> {
    content::get(collection, id)?.as_deref().map(read).transpose()
}

/// One page of entries: `{items, cursor, hasMore}`.
///
/// # Errors
/// A refusal, or an answer that is no `T`.
pub fn list<T: DeserializeOwned>(collection: &str, options: &impl Serialize) -> Result<T, Failure> {
    read(&content::list(collection, &write(options)?)?)
}

/// Creates an entry.
///
/// # Errors
/// A refusal.
pub fn create<T: DeserializeOwned>(collection: &str, data: &impl Serialize) -> Result<T, Failure> {
    read(&content::create(collection, &write(data)?)?)
}

/// Changes an entry.
///
/// # Errors
/// A refusal.
pub fn update<T: DeserializeOwned>(collection: &str, id: &str, data: &impl Serialize) -> Result<T, Failure> {
    read(&content::update(collection, id, &write(data)?)?)
}

/// Deletes an entry; whether there was one.
///
/// # Errors
/// A refusal.
pub fn delete(collection: &str, id: &str) -> Result<bool, Failure> {
    Ok(content::delete(collection, id)?)
}
