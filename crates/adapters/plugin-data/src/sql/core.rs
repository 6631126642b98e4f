//! The views through which statements read the core (A13, B11).
//!
//! SQLite tells the guard which view a column of the core is read for, but it also takes the name of a common table
//! expression for one. So each view has two halves: `core_posts`, which plugins know, reads a hidden view whose
//! name is 128 random bits, and only for hidden views columns of the core are read.

use std::collections::HashSet;

use emdash_manifest::CapabilitySet;
use emdash_ports::plugin_database::{CoreView, CoreViews};
use emdash_types::{Ambient, Error, Result};
use rusqlite::Connection;

use super::guard::{CORE_PREFIX, Core, Guard};

/// The views a connection has now.
#[derive(Default)]
pub struct Views {
    attached: bool,
    /// Whom they were made for, and for which state of the core's tables.
    made: Option<(CapabilitySet, i64)>,
    names: Vec<String>,
}

impl Views {
    /// Makes them what these capabilities allow. The host speaks.
    pub fn refresh(
        &mut self,
        connection: &Connection,
        guard: &Guard,
        core: &dyn CoreViews,
        granted: &CapabilitySet,
        ambient: &Ambient,
    ) -> Result<()> {
        if self.attached {
            let state = Some((granted.clone(), version(connection).map_err(Error::internal)?));
            if self.made == state {
                return Ok(());
            }
        }
        let views = core.views(granted)?;
        if !self.attached {
            if views.is_empty() {
                return Ok(());
            }
            self.attach(connection, core).map_err(Error::internal)?;
        }
        self.made = None;
        for name in self.names.drain(..) {
            connection.execute_batch(&format!("DROP VIEW temp.{name}")).map_err(Error::internal)?;
        }
        guard.set_core(Core::default());
        let made = self.make(connection, guard, &views, ambient).map_err(Error::internal)?;
        guard.set_core(made);
        self.made = Some((granted.clone(), version(connection).map_err(Error::internal)?));
        Ok(())
    }

    /// Attaches the core's file, read-only: the connection's settings leave no other way.
    fn attach(&mut self, connection: &Connection, core: &dyn CoreViews) -> rusqlite::Result<()> {
        connection.execute("ATTACH ?1 AS core", [core.file().to_string_lossy()])?;
        if !connection.is_readonly("core")? {
            connection.execute_batch("DETACH core")?;
            return Err(rusqlite::Error::InvalidPath(core.file().to_owned()));
        }
        connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        self.attached = true;
        Ok(())
    }

    fn make(
        &mut self,
        connection: &Connection,
        guard: &Guard,
        views: &[CoreView],
        ambient: &Ambient,
    ) -> rusqlite::Result<Core> {
        let mut core = Core { tables: tables(connection)?, ..Core::default() };
        for CoreView { name, query } in views.iter().filter(|view| is_view_name(&view.name)) {
            let random: [u8; 16] = ambient.bytes();
            let hidden = format!("v{:032x}", u128::from_be_bytes(random));
            connection.execute_batch(&format!("CREATE TEMP VIEW {hidden} AS {query}"))?;
            self.names.push(hidden.clone());
            connection.execute_batch(&format!("CREATE TEMP VIEW {name} AS SELECT * FROM temp.{hidden}"))?;
            self.names.push(name.clone());
            guard.learned();
            drop(connection.prepare(&format!("SELECT * FROM temp.{hidden}"))?);
            core.hidden.insert(hidden, guard.learned());
            core.views.insert(name.clone());
        }
        Ok(core)
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA core.schema_version")?.query_row([], |row| row.get(0))
}

fn tables(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut statement = connection.prepare("SELECT lower(name) FROM core.sqlite_schema")?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.chain(["sqlite_schema", "sqlite_master"].map(|name| Ok(name.to_owned()))).collect()
}

fn is_view_name(name: &str) -> bool {
    name.starts_with(CORE_PREFIX)
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
