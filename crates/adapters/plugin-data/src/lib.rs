#![doc = include_str!("../README.md")]

mod cursor;
mod database;
mod documents;
mod kv;
mod query;
mod schema;
mod settings;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use emdash_manifest::StorageCollection;
use emdash_ports::plugin_data::{
    DataLimits, Document, DocumentPage, DocumentQuery, Filter, KeyChange, PluginData, PluginDataStore,
};
use emdash_types::{Ambient, Error, PluginId, Result};
use parking_lot::Mutex;

use crate::database::Database;
use crate::documents::Collection;

/// A directory with one SQLite file per plugin.
pub struct SqlitePluginData {
    directory: PathBuf,
    ambient: Ambient,
    open: Mutex<HashMap<PluginId, Weak<Database>>>,
}

impl SqlitePluginData {
    /// Keeps the files in `directory`, which is made when the first plugin is opened.
    #[must_use]
    pub fn new(directory: PathBuf, ambient: Ambient) -> Self {
        Self { directory, ambient, open: Mutex::default() }
    }

    fn path(&self, plugin: &PluginId) -> PathBuf {
        self.directory.join(format!("{plugin}.db"))
    }
}

impl PluginDataStore for SqlitePluginData {
    fn open(
        &self,
        plugin: &PluginId,
        collections: &BTreeMap<String, StorageCollection>,
        limits: DataLimits,
    ) -> Result<Arc<dyn PluginData>> {
        let mut open = self.open.lock();
        let database = match open.get(plugin).and_then(Weak::upgrade) {
            Some(database) => database,
            None => {
                std::fs::create_dir_all(&self.directory).map_err(Error::internal)?;
                let database = Arc::new(Database::open(&self.path(plugin), self.ambient.clone())?);
                open.insert(plugin.clone(), Arc::downgrade(&database));
                database
            }
        };
        let collections = database.prepare(|connection| {
            schema::cap_pages(connection, limits.total_bytes)?;
            schema::declare(connection, plugin, collections)
        })?;
        Ok(Arc::new(OpenData { database, collections, limits }))
    }

    fn exists(&self, plugin: &PluginId) -> Result<bool> {
        self.path(plugin).try_exists().map_err(Error::internal)
    }

    fn delete(&self, plugin: &PluginId) -> Result<()> {
        let mut open = self.open.lock();
        if let Some(database) = open.remove(plugin).and_then(|database| database.upgrade()) {
            database.close();
        }
        for suffix in ["db-wal", "db-shm", "db", "new"] {
            match std::fs::remove_file(self.directory.join(format!("{plugin}.{suffix}"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::internal(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// One plugin's data with the collections one version of it declares.
struct OpenData {
    database: Arc<Database>,
    collections: BTreeMap<String, Collection>,
    limits: DataLimits,
}

impl PluginData for OpenData {
    fn kv_get(&self, key: &str) -> Result<Option<String>> {
        if let Some(known) = self.database.settings().get(key) {
            return Ok(known);
        }
        self.database.with(&self.limits, |access| kv::get(access, key))
    }

    fn kv_set(&self, key: &str, json: &str) -> Result<()> {
        self.database.with(&self.limits, |access| kv::set(access, key, json))
    }

    fn kv_delete(&self, key: &str) -> Result<bool> {
        self.database.with(&self.limits, |access| kv::delete(access, key))
    }

    fn kv_change(&self, changes: &[KeyChange], expected_version: Option<u64>) -> Result<()> {
        self.database.with(&self.limits, |access| kv::change(access, changes, expected_version))
    }

    fn settings_version(&self) -> Result<u64> {
        Ok(self.database.settings().version())
    }

    fn kv_list(&self, prefix: &str) -> Result<Vec<Document>> {
        self.database.with(&self.limits, |access| kv::list(access, prefix))
    }

    fn document_get(&self, collection: &str, id: &str) -> Result<Option<String>> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| documents::get(access, collection, id))
    }

    fn document_get_many(&self, collection: &str, ids: &[String]) -> Result<Vec<Document>> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| documents::get_many(access, collection, ids))
    }

    fn document_exists(&self, collection: &str, id: &str) -> Result<bool> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| documents::exists(access, collection, id))
    }

    fn document_put_many(&self, collection: &str, documents: &[Document]) -> Result<()> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| documents::put_many(access, collection, documents))
    }

    fn document_delete_many(&self, collection: &str, ids: &[String]) -> Result<u64> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| documents::delete_many(access, collection, ids))
    }

    fn document_query(&self, collection: &str, wanted: &DocumentQuery) -> Result<DocumentPage> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| query::page(access, collection, wanted))
    }

    fn document_count(&self, collection: &str, filter: &Filter) -> Result<u64> {
        let collection = self.collection(collection)?;
        self.database.with(&self.limits, |access| query::count(access, collection, filter))
    }

    fn used_bytes(&self) -> Result<u64> {
        self.database.with(&self.limits, |access| access.used_bytes())
    }
}

impl OpenData {
    fn collection(&self, name: &str) -> Result<&Collection> {
        self.collections.get(name).ok_or_else(|| documents::undeclared(name))
    }
}
