#![doc = include_str!("../README.md")]

mod cursor;
mod database;
mod documents;
mod kv;
mod query;
mod schema;
mod settings;
mod snapshot;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use emdash_manifest::StorageCollection;
use emdash_ports::plugin_data::{
    DataLimits, DataSnapshot, Document, DocumentPage, DocumentQuery, Filter, KeyChange, PluginData,
    PluginDataStore,
};
use emdash_types::{Ambient, Error, PluginId, Result};
use parking_lot::Mutex;

use crate::database::Database;
use crate::documents::Collection;
use crate::snapshot::Snapshots;

/// A directory with one SQLite file per plugin.
pub struct SqlitePluginData {
    directory: PathBuf,
    ambient: Ambient,
    snapshots: Snapshots,
    open: Mutex<Open>,
}

type Open = HashMap<PluginId, Weak<Database>>;

/// The file of keys and documents in a snapshot.
const DATA_COPY: &str = "data.db";

impl SqlitePluginData {
    /// Keeps the files in `directory`, which is made when the first plugin is opened.
    #[must_use]
    pub fn new(directory: PathBuf, ambient: Ambient) -> Self {
        let snapshots = Snapshots::new(directory.join("snapshots"));
        Self { directory, ambient, snapshots, open: Mutex::default() }
    }

    fn path(&self, plugin: &PluginId) -> PathBuf {
        self.directory.join(format!("{plugin}.db"))
    }

    fn database(&self, open: &mut Open, plugin: &PluginId) -> Result<Arc<Database>> {
        if let Some(database) = open.get(plugin).and_then(Weak::upgrade) {
            return Ok(database);
        }
        std::fs::create_dir_all(&self.directory).map_err(Error::internal)?;
        let database = Arc::new(Database::open(&self.path(plugin), self.ambient.clone())?);
        open.insert(plugin.clone(), Arc::downgrade(&database));
        Ok(database)
    }

    fn remove_data(&self, open: &mut Open, plugin: &PluginId) -> Result<()> {
        if let Some(database) = open.remove(plugin).and_then(|database| database.upgrade()) {
            database.close();
        }
        for suffix in ["db-wal", "db-shm", "db", "new"] {
            snapshot::remove_file(&self.directory.join(format!("{plugin}.{suffix}")))?;
        }
        Ok(())
    }
}

impl PluginDataStore for SqlitePluginData {
    fn open(
        &self,
        plugin: &PluginId,
        collections: &BTreeMap<String, StorageCollection>,
        limits: DataLimits,
    ) -> Result<Arc<dyn PluginData>> {
        let database = self.database(&mut self.open.lock(), plugin)?;
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
        self.snapshots.discard_all(plugin)?;
        self.remove_data(&mut self.open.lock(), plugin)
    }

    fn snapshot(&self, plugin: &PluginId) -> Result<DataSnapshot> {
        let mut open = self.open.lock();
        self.snapshots.take(plugin, &self.ambient, |folder| {
            if self.exists(plugin)? {
                let data = self.database(&mut open, plugin)?;
                data.prepare(|connection| snapshot::copy(connection, &folder.join(DATA_COPY)))?;
            }
            Ok(())
        })
    }

    fn restore(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<()> {
        let folder = self.snapshots.find(plugin, snapshot)?;
        let mut open = self.open.lock();
        let copy = folder.join(DATA_COPY);
        match copy.try_exists().map_err(Error::internal)? {
            true => {
                let data = self.database(&mut open, plugin)?;
                data.replace(|connection| snapshot::put_back(connection, &copy))
            }
            false => self.remove_data(&mut open, plugin),
        }
    }

    fn discard(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<()> {
        self.snapshots.discard(plugin, snapshot)
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
