//! Copies of a plugin's files: whole, by SQLite's own backup, which reads and writes one consistent state.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use emdash_ports::plugin_data::DataSnapshot;
use emdash_types::{Ambient, Error, ErrorCode, PluginId, Result};
use rusqlite::{Connection, MAIN_DB};

/// Where the snapshots of all plugins are: `<folder>/<plugin>/<snapshot>/<file>`.
pub struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Fills a new snapshot; it is there once `fill` has put all files into the folder it is given.
    pub fn take(
        &self,
        plugin: &PluginId,
        ambient: &Ambient,
        fill: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<DataSnapshot> {
        let snapshot = DataSnapshot::parse(&ambient.ulid())?;
        let place = self.place(plugin, &snapshot);
        let draft = place.with_extension("new");
        fs::create_dir_all(&draft).map_err(Error::internal)?;
        fill(&draft)?;
        fs::rename(&draft, &place).map_err(Error::internal)?;
        Ok(snapshot)
    }

    /// The folder of a snapshot that is there.
    pub fn find(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<PathBuf> {
        let place = self.place(plugin, snapshot);
        match place.is_dir() {
            true => Ok(place),
            false => {
                let message = format!("There is no snapshot {} of {plugin}.", snapshot.as_str());
                Err(Error::new(ErrorCode::NotFound, message))
            }
        }
    }

    pub fn discard(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> Result<()> {
        remove_folder(&self.place(plugin, snapshot))
    }

    /// Forgets all snapshots of a plugin, drafts too.
    pub fn discard_all(&self, plugin: &PluginId) -> Result<()> {
        remove_folder(&self.folder.join(plugin.as_str()))
    }

    fn place(&self, plugin: &PluginId, snapshot: &DataSnapshot) -> PathBuf {
        self.folder.join(plugin.as_str()).join(snapshot.as_str())
    }
}

/// Copies an open database into a new file.
pub fn copy(connection: &Connection, to: &Path) -> Result<()> {
    connection.backup(MAIN_DB, to, None::<fn(_)>).map_err(Error::internal)?;
    fs::File::open(to).and_then(|file| file.sync_all()).map_err(Error::internal)
}

/// Makes an open database what the copy is, in one transaction.
pub fn put_back(connection: &mut Connection, from: &Path) -> Result<()> {
    connection.flush_prepared_statement_cache();
    connection.restore(MAIN_DB, from, None::<fn(_)>).map_err(Error::internal)
}

/// Removes a file that may not be there.
pub fn remove_file(path: &Path) -> Result<()> {
    forgive_absence(fs::remove_file(path))
}

fn remove_folder(path: &Path) -> Result<()> {
    forgive_absence(fs::remove_dir_all(path))
}

fn forgive_absence(outcome: std::io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::internal(error)),
        _ => Ok(()),
    }
}
