//! Settings in memory: a read costs no lock on the file and no SQL (B13). The file has one writer, this process,
//! so whoever changes a setting changes it here as well, and the next read sees it.

use std::collections::BTreeMap;

use emdash_ports::plugin_data::{KeyChange, SETTINGS_PREFIX};
use emdash_types::Timestamp;
use parking_lot::RwLock;
use rusqlite::{Connection, params};

use crate::query::after_prefix;

/// Beyond this many bytes in sum settings are read from the file like any other key.
const MEMORY_BYTES: usize = 1024 * 1024;

pub struct Settings(RwLock<Snapshot>);

struct Snapshot {
    version: u64,
    /// `None` where they are too large to be kept, or gone.
    values: Option<BTreeMap<String, String>>,
    bytes: usize,
}

impl Settings {
    /// Reads them from the file. Versions begin at the time of day, so that none comes again after a restart.
    pub fn load(connection: &Connection, now: Timestamp) -> rusqlite::Result<Self> {
        let version = u64::try_from(now.as_millis()).unwrap_or_default();
        Ok(Self(RwLock::new(Snapshot::read(connection, version)?)))
    }

    /// Reads them again. The caller holds the connection.
    pub fn reload(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut snapshot = self.0.write();
        *snapshot = Snapshot::read(connection, snapshot.version + 1)?;
        Ok(())
    }

    /// What is known of a key: nothing, or that it has a value or none.
    pub fn get(&self, key: &str) -> Option<Option<String>> {
        if !key.starts_with(SETTINGS_PREFIX) {
            return None;
        }
        self.0.read().values.as_ref().map(|values| values.get(key).cloned())
    }

    pub fn version(&self) -> u64 {
        self.0.read().version
    }

    /// Follows a committed change. The caller holds the connection.
    pub fn apply(&self, changes: &[KeyChange]) {
        let mut changes = changes.iter().filter(|change| change.key.starts_with(SETTINGS_PREFIX)).peekable();
        if changes.peek().is_none() {
            return;
        }
        let mut snapshot = self.0.write();
        snapshot.version += 1;
        for KeyChange { key, json } in changes {
            snapshot.set(key, json.clone());
        }
    }

    /// Answers nothing from now on.
    pub fn forget(&self) {
        self.0.write().values = None;
    }
}

impl Snapshot {
    fn read(connection: &Connection, version: u64) -> rusqlite::Result<Self> {
        let mut snapshot = Self { version, values: Some(BTreeMap::new()), bytes: 0 };
        let sql = "SELECT key, value FROM _plugin_kv WHERE key >= ?1 AND key < ?2";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query(params![SETTINGS_PREFIX, after_prefix(SETTINGS_PREFIX)])?;
        while let Some(row) = rows.next()? {
            snapshot.set(&row.get::<_, String>(0)?, Some(row.get(1)?));
        }
        Ok(snapshot)
    }

    fn set(&mut self, key: &str, json: Option<String>) {
        let Some(values) = self.values.as_mut() else { return };
        let (added, removed) = match json {
            Some(json) => {
                let added = key.len() + json.len();
                (added, values.insert(key.to_owned(), json))
            }
            None => (0, values.remove(key)),
        };
        self.bytes = self.bytes + added - removed.map_or(0, |json| key.len() + json.len());
        if self.bytes > MEMORY_BYTES {
            self.values = None;
        }
    }
}
