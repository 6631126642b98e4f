//! `ctx.kv`: values under keys. Settings are `settings.get` and its like, by [`crate::host::call`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::emdash::plugin::kv;
use crate::{Failure, read, write};

/// The value of a key.
///
/// # Errors
/// A refusal, or a value that is no `T`.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Failure> {
    kv::get(key)?.as_deref().map(read).transpose()
}

/// Sets the value of a key.
///
/// # Errors
/// A refusal, such as `QUOTA_EXCEEDED`.
pub fn set(key: &str, value: &impl Serialize) -> Result<(), Failure> {
    Ok(kv::set(key, &write(value)?)?)
}

/// Removes a key; whether there was one.
///
/// # Errors
/// A refusal.
pub fn delete(key: &str) -> Result<bool, Failure> {
    Ok(kv::delete(key)?)
}

/// Keys that begin with `prefix`, with their values.
///
/// # Errors
/// A refusal, or a value that is no `T`.
pub fn list<T: DeserializeOwned>(prefix: &str) -> Result<Vec<(String, T)>, Failure> {
    kv::list(prefix)?.into_iter().map(|item| Ok((item.id, read(&item.data)?))).collect()
}
