//! The data a plugin owns on a site: keys with values, and documents in declared collections
//! (plugin contract §3.2, §3.3). One physical database per plugin (A10, A12, ruling 2).
//!
//! Calls are short statements on a local file, so they are synchronous: a host call answers at once.
//! Values and documents travel as JSON text and are never parsed on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use emdash_manifest::{CapabilitySet, StorageCollection};
use emdash_types::{Error, ErrorCode, PluginId, Result};

use crate::plugin_database::{DatabaseLimits, PluginDatabase};

/// What a plugin may keep, and how much it gets in one answer. All are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataLimits {
    /// Keys, values, ids and documents together, in bytes.
    pub total_bytes: u64,
    /// Longest document or value, in bytes of JSON.
    pub document_bytes: usize,
    /// Longest document id or key, in bytes.
    pub key_bytes: usize,
    /// Most bytes one answer carries.
    pub answer_bytes: usize,
    /// Work one statement may do, in steps of the database's machine.
    pub statement_steps: u64,
}

/// A value a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// JSON null; as an operand of equality it finds absent members too.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number; compared with numbers only.
    Number(f64),
    /// A text; compared with texts only, by bytes.
    Text(String),
}

/// What a field must be like.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The same value.
    Equals(Scalar),
    /// One of these values; an empty list finds nothing.
    In(Vec<Scalar>),
    /// Between bounds, each a number or a text; all that are given hold.
    Range {
        /// Greater than.
        gt: Option<Scalar>,
        /// Greater than or the same.
        gte: Option<Scalar>,
        /// Less than.
        lt: Option<Scalar>,
        /// Less than or the same.
        lte: Option<Scalar>,
    },
    /// A text that begins with this one.
    StartsWith(String),
}

/// Conditions by field; all hold together.
pub type Filter = Vec<(String, Condition)>;

/// Which way a field is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Which documents are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocumentQuery {
    /// Conditions.
    pub filter: Filter,
    /// Sort fields; empty for the order of creation. The id breaks ties.
    pub order: Vec<(String, Direction)>,
    /// How many at the most; `None` for [`DocumentQuery::DEFAULT_LIMIT`], clamped to 1..=[`DocumentQuery::MAX_LIMIT`].
    pub limit: Option<u32>,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl DocumentQuery {
    /// Page size where none is given.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// Largest page (the documented maximum; upstream's bridges stop at 100).
    pub const MAX_LIMIT: u32 = 1_000;

    /// The page size in effect.
    #[must_use]
    pub fn effective_limit(&self) -> u32 {
        self.limit.unwrap_or(Self::DEFAULT_LIMIT).clamp(1, Self::MAX_LIMIT)
    }
}

/// A stored document, or a key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Id or key.
    pub id: String,
    /// JSON text.
    pub json: String,
}

/// One page of documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentPage {
    /// The documents, in order.
    pub items: Vec<Document>,
    /// Where the next page begins; `None` on the last one.
    pub cursor: Option<String>,
}

/// The keys that are a plugin's settings begin with this (B12); the full name is `settings:<plugin>:<key>`.
pub const SETTINGS_PREFIX: &str = "settings:";

/// What becomes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key.
    pub key: String,
    /// Its new value, JSON text; `None` forgets it.
    pub json: Option<String>,
}

/// The data of one plugin, with the collections it declares.
///
/// Keys that begin with [`SETTINGS_PREFIX`] are answered from memory (B13), as long as they are small in sum.
///
/// Every method on documents refuses an undeclared collection with `COLLECTION_UNDECLARED`
/// (`Storage collection not declared: x`), every write beyond a limit with `QUOTA_EXCEEDED`, every answer
/// beyond `answer_bytes` with `RESPONSE_TOO_LARGE` (a page of documents ends early instead), every statement
/// beyond `statement_steps` with `HOST_CALL_LIMIT`.
pub trait PluginData: Send + Sync {
    /// The value of a key.
    fn kv_get(&self, key: &str) -> Result<Option<String>>;

    /// Sets a key, replacing its value.
    fn kv_set(&self, key: &str, json: &str) -> Result<()>;

    /// Forgets a key; says whether there was one.
    fn kv_delete(&self, key: &str) -> Result<bool>;

    /// Sets and forgets keys, all or none.
    ///
    /// # Errors
    /// `CONFLICT` where a version is expected and [`PluginData::settings_version`] is another one by now.
    fn kv_change(&self, changes: &[KeyChange], expected_version: Option<u64>) -> Result<()>;

    /// A number that grows with every change of a setting, and never returns to an earlier one.
    fn settings_version(&self) -> Result<u64>;

    /// The keys that begin with a prefix, by key; the prefix is plain text.
    fn kv_list(&self, prefix: &str) -> Result<Vec<Document>>;

    /// A document.
    fn document_get(&self, collection: &str, id: &str) -> Result<Option<String>>;

    /// The documents of these ids that exist.
    fn document_get_many(&self, collection: &str, ids: &[String]) -> Result<Vec<Document>>;

    /// Whether a document exists.
    fn document_exists(&self, collection: &str, id: &str) -> Result<bool>;

    /// Stores documents, all or none; an existing one is replaced and keeps its time of creation.
    ///
    /// # Errors
    /// `CONFLICT` where a unique index has the values already.
    fn document_put_many(&self, collection: &str, documents: &[Document]) -> Result<()>;

    /// Forgets documents; says how many there were.
    fn document_delete_many(&self, collection: &str, ids: &[String]) -> Result<u64>;

    /// A page of documents.
    ///
    /// # Errors
    /// `FIELD_NOT_INDEXED` for a field no declared index covers; `INVALID_CURSOR`.
    fn document_query(&self, collection: &str, query: &DocumentQuery) -> Result<DocumentPage>;

    /// How many documents a filter finds.
    ///
    /// # Errors
    /// `FIELD_NOT_INDEXED`.
    fn document_count(&self, collection: &str, filter: &Filter) -> Result<u64>;

    /// Bytes kept, as they count against `total_bytes`.
    fn used_bytes(&self) -> Result<u64>;
}

/// The name of a copy of everything a plugin kept at one moment; it can be written down and read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSnapshot(String);

impl DataSnapshot {
    /// Reads a name.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for anything but 1 to 64 ASCII letters and digits: the name becomes that of a folder.
    pub fn parse(text: &str) -> Result<Self> {
        let fits = (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
        let refused = || Error::new(ErrorCode::ValidationError, "This is not the name of a snapshot.");
        fits.then(|| Self(text.to_owned())).ok_or_else(refused)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The data of every plugin of a site.
pub trait PluginDataStore: Send + Sync {
    /// Opens a plugin's data, creating it where there is none, and brings its indexes in line with the declared
    /// collections. Handles opened before go on to work with what they declared.
    fn open(
        &self,
        plugin: &PluginId,
        collections: &BTreeMap<String, StorageCollection>,
        limits: DataLimits,
    ) -> Result<Arc<dyn PluginData>>;

    /// Opens the database the plugin has for itself, creating it where there is none. Of the core its statements
    /// read what the granted capabilities allow.
    fn open_database(
        &self,
        plugin: &PluginId,
        granted: &CapabilitySet,
        limits: DatabaseLimits,
    ) -> Result<Arc<dyn PluginDatabase>>;

    /// Whether the plugin has data here.
    fn exists(&self, plugin: &PluginId) -> Result<bool>;

    /// Removes everything a plugin kept, snapshots too; handles still open answer with an error from then on.
    fn delete(&self, plugin: &PluginId) -> Result<()>;

    /// Keeps a copy of everything the plugin has: keys, documents and its own database. Copies whole files, so it
    /// belongs on a thread that may wait; the plugin's calls wait meanwhile. It is whole or not there.
    fn snapshot(&self, plugin: &PluginId) -> Result<DataSnapshot>;

    /// Makes everything as it was when the snapshot was taken. Handles opened before that go on with it; those
    /// opened since declare collections that are gone again and are to be dropped. The snapshot stays, so a
    /// restoring that was cut off is repeated.
    ///
    /// # Errors
    /// `NOT_FOUND` where there is no such snapshot.
    fn restore(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<()>;

    /// Forgets a snapshot; an unknown one is no error.
    fn discard(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<()>;
}
