//! `ctx.storage`: documents in the collections the manifest declares.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::emdash::plugin::storage;
use crate::bindings::emdash::plugin::types::Item;
use crate::{Failure, read, write};

/// A collection of documents.
#[derive(Clone, Copy, Debug)]
pub struct Collection<'a>(&'a str);

/// One page of a query.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Ids and documents.
    pub items: Vec<(String, T)>,
    /// Where the next page begins.
    pub cursor: Option<String>,
}

/// The collection of this name. One that is not declared is refused when it is used.
#[must_use]
pub fn collection(name: &str) -> Collection<'_> {
    Collection(name)
}

fn items<T: DeserializeOwned>(items: Vec<Item>) -> Result<Vec<(String, T)>, Failure> {
    items.into_iter().map(|item| Ok((item.id, read(&item.data)?))).collect()
}

impl Collection<'_> {
    /// A document.
    ///
    /// # Errors
    /// A refusal, or a document that is no `T`.
    pub fn get<T: DeserializeOwned>(self, id: &str) -> Result<Option<T>, Failure> {
        storage::get(self.0, id)?.as_deref().map(read).transpose()
    }

    /// Whether there is one of this id.
    ///
    /// # Errors
    /// A refusal.
    pub fn exists(self, id: &str) -> Result<bool, Failure> {
        Ok(storage::exists(self.0, id)?)
    }

    /// The documents there are of these.
    ///
    /// # Errors
    /// A refusal, or a document that is no `T`.
    pub fn get_many<T: DeserializeOwned>(self, ids: &[String]) -> Result<Vec<(String, T)>, Failure> {
        items(storage::get_many(self.0, ids)?)
    }

    /// Keeps a document.
    ///
    /// # Errors
    /// A refusal, such as `QUOTA_EXCEEDED`.
    pub fn put(self, id: &str, data: &impl Serialize) -> Result<(), Failure> {
        Ok(storage::put(self.0, id, &write(data)?)?)
    }

    /// Keeps several documents, all or none.
    ///
    /// # Errors
    /// A refusal, such as `QUOTA_EXCEEDED`.
    pub fn put_many<T: Serialize>(self, documents: &[(String, T)]) -> Result<(), Failure> {
        let item = |(id, data): &(String, T)| Ok(Item { id: id.clone(), data: write(data)? });
        let items = documents.iter().map(item).collect::<Result<Vec<_>, Failure>>()?;
        Ok(storage::put_many(self.0, &items)?)
    }

    /// Removes a document; whether there was one.
    ///
    /// # Errors
    /// A refusal.
    pub fn delete(self, id: &str) -> Result<bool, Failure> {
        Ok(storage::delete(self.0, id)?)
    }

    /// Removes several documents; how many there were.
    ///
    /// # Errors
    /// A refusal.
    pub fn delete_many(self, ids: &[String]) -> Result<u64, Failure> {
        Ok(storage::delete_many(self.0, ids)?)
    }

    /// Documents by indexed fields: `{where, orderBy, limit, cursor}`.
    ///
    /// # Errors
    /// A refusal, such as `FIELD_NOT_INDEXED`, or a document that is no `T`.
    pub fn query<T: DeserializeOwned>(self, options: &impl Serialize) -> Result<Page<T>, Failure> {
        let page = storage::query(self.0, &write(options)?)?;
        Ok(Page { items: items(page.items)?, cursor: page.cursor })
    }

    /// How many documents fulfil the conditions.
    ///
    /// # Errors
    /// As [`Collection::query`].
    pub fn count(self, conditions: &impl Serialize) -> Result<u64, Failure> {
        Ok(storage::count(self.0, &write(conditions)?)?)
    }
}
