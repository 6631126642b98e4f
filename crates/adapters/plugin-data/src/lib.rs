#![doc = include_str!("../README.md")]

mod cursor;
mod database;
mod documents;
mod kv;
mod query;
mod schema;
mod settings;
mod snapshot;
mod sql;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use emdash_manifest::{CapabilitySet, StorageCollection};
use emdash_ports::plugin_data::{
    DataLimits, DataSnapshot, Document, DocumentPage, DocumentQuery, Filter, KeyChange, PluginData,
    PluginDataStore,
};
use emdash_ports::plugin_database::{CoreViews, DatabaseLimits, PluginDatabase};
use emdash_types::{Ambient, Error, PluginId, Result};
use parking_lot::Mutex;

use crate::database::Database;
use crate::documents::Collection;
use crate::snapshot::Snapshots;
use crate::sql::{OpenDatabase, SqlFile};

/// A directory with one SQLite file per plugin.
pub struct SqlitePluginData {
    directory: PathBuf,
    ambient: Ambient,
    snapshots: Snapshots,
    open: Mutex<Open>,
    core: Option<Arc<dyn CoreViews>>,
}

/// The files that are open, by plugin.
#[derive(Default)]
struct Open {
    data: HashMap<PluginId, Weak<Database>>,
    sql: HashMap<PluginId, Weak<SqlFile>>,
}

/// The file of keys and documents in a snapshot.
const DATA_COPY: &str = "data.db";
/// The plugin's own database in a snapshot.
const SQL_COPY: &str = "d1.db";

impl SqlitePluginData {
    /// Keeps the files in `directory`, which is made when the first plugin is opened.
    #[must_use]
    pub fn new(directory: PathBuf, ambient: Ambient) -> Self {
        let snapshots = Snapshots::new(directory.join("snapshots"));
        Self { directory, ambient, snapshots, open: Mutex::default(), core: None }
    }

    /// Lets plugins' statements read views of the core.
    #[must_use]
    pub fn with_core(self, core: Arc<dyn CoreViews>) -> Self {
        Self { core: Some(core), ..self }
    }

    fn path(&self, plugin: &PluginId) -> PathBuf {
        self.directory.join(format!("{plugin}.db"))
    }

    /// Plugin ids have no dots, so this is no other plugin's file.
    fn sql_path(&self, plugin: &PluginId) -> PathBuf {
        self.directory.join(format!("{plugin}.d1.db"))
    }

    fn database(&self, open: &mut Open, plugin: &PluginId) -> Result<Arc<Database>> {
        if let Some(database) = open.data.get(plugin).and_then(Weak::upgrade) {
            return Ok(database);
        }
        std::fs::create_dir_all(&self.directory).map_err(Error::internal)?;
        let database = Arc::new(Database::open(&self.path(plugin), self.ambient.clone())?);
        open.data.insert(plugin.clone(), Arc::downgrade(&database));
        Ok(database)
    }

    fn sql(&self, open: &mut Open, plugin: &PluginId) -> Result<Arc<SqlFile>> {
        if let Some(file) = open.sql.get(plugin).and_then(Weak::upgrade) {
            return Ok(file);
        }
        std::fs::create_dir_all(&self.directory).map_err(Error::internal)?;
        let file = Arc::new(SqlFile::open(&self.sql_path(plugin))?);
        open.sql.insert(plugin.clone(), Arc::downgrade(&file));
        Ok(file)
    }

    fn remove_sql(&self, open: &mut Open, plugin: &PluginId) -> Result<()> {
        if let Some(file) = open.sql.remove(plugin).and_then(|file| file.upgrade()) {
            file.close();
        }
        for suffix in ["db-wal", "db-shm", "db"] {
            snapshot::remove_file(&self.directory.join(format!("{plugin}.d1.{suffix}")))?;
        }
        Ok(())
    }

    /// The plugin's own database, where it has one.
    fn existing_sql(&self, open: &mut Open, plugin: &PluginId) -> Result<Option<Arc<SqlFile>>> {
        let exists = self.sql_path(plugin).try_exists().map_err(Error::internal)?;
        exists.then(|| self.sql(open, plugin)).transpose()
    }

    fn remove_data(&self, open: &mut Open, plugin: &PluginId) -> Result<()> {
        if let Some(database) = open.data.remove(plugin).and_then(|database| database.upgrade()) {
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

    fn open_database(
        &self,
        plugin: &PluginId,
        granted: &CapabilitySet,
        limits: DatabaseLimits,
    ) -> Result<Arc<dyn PluginDatabase>> {
        let file = self.sql(&mut self.open.lock(), plugin)?;
        Ok(Arc::new(OpenDatabase {
            file,
            granted: granted.clone(),
            core: self.core.clone(),
            limits,
            ambient: self.ambient.clone(),
        }))
    }

    fn exists(&self, plugin: &PluginId) -> Result<bool> {
        let exists = |path: PathBuf| path.try_exists().map_err(Error::internal);
        Ok(exists(self.path(plugin))? || exists(self.sql_path(plugin))?)
    }

    fn delete(&self, plugin: &PluginId) -> Result<()> {
        self.snapshots.discard_all(plugin)?;
        let mut open = self.open.lock();
        self.remove_data(&mut open, plugin)?;
        self.remove_sql(&mut open, plugin)
    }

    fn snapshot(&self, plugin: &PluginId) -> Result<DataSnapshot> {
        let mut open = self.open.lock();
        self.snapshots.take(plugin, &self.ambient, |folder| {
            if self.path(plugin).try_exists().map_err(Error::internal)? {
                let data = self.database(&mut open, plugin)?;
                data.prepare(|connection| snapshot::copy(connection, &folder.join(DATA_COPY)))?;
            }
            if let Some(sql) = self.existing_sql(&mut open, plugin)? {
                sql.as_host(|connection| snapshot::copy(connection, &folder.join(SQL_COPY)))?;
            }
            Ok(())
        })
    }

    fn restore(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<()> {
        let folder = self.snapshots.find(plugin, snapshot)?;
        let mut open = self.open.lock();
        let exists = |path: &Path| path.try_exists().map_err(Error::internal);
        let (data, sql) = (folder.join(DATA_COPY), folder.join(SQL_COPY));
        match exists(&data)? {
            true => {
                self.database(&mut open, plugin)?
                    .replace(|connection| snapshot::put_back(connection, &data))?;
            }
            false => self.remove_data(&mut open, plugin)?,
        }
        match exists(&sql)? {
            true => {
                let file = self.sql(&mut open, plugin)?;
                file.as_host(|connection| snapshot::put_back(connection, &sql))
            }
            false => self.remove_sql(&mut open, plugin),
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
