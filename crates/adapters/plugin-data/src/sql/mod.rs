//! Databases plugins write SQL for: one file each, apart from keys and documents.

mod budget;
mod connection;
mod core;
mod fault;
mod functions;
mod guard;
mod migrate;
mod run;

use std::path::Path;
use std::sync::Arc;

use emdash_manifest::{CapabilitySet, Migration};
use emdash_ports::plugin_database::{
    AppliedMigration, BatchAnswer, CoreViews, DatabaseLimits, PluginDatabase, Statement, Stop,
};
use emdash_types::{Ambient, Error, ErrorCode, Result};
use parking_lot::Mutex;
use rusqlite::Connection;

use self::budget::Budget;
use self::core::Views;
use self::fault::{Circumstances, Fault};
use self::guard::{Guard, Speaker};

/// Views in one plugin's database.
const MOST_VIEWS: i64 = 32;

/// An open file; `None` once it was removed.
pub struct SqlFile(Mutex<Option<Open>>);

struct Open {
    connection: Connection,
    guard: Arc<Guard>,
    budget: Arc<Budget>,
    views: Views,
    bound_by: Option<DatabaseLimits>,
}

impl SqlFile {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self> {
        let (guard, budget) = (Arc::new(Guard::new()), Arc::new(Budget::default()));
        let connection = connection::connect(path, &guard, &budget).map_err(Error::internal)?;
        let views = Views::default();
        Ok(Self(Mutex::new(Some(Open { connection, guard, budget, views, bound_by: None }))))
    }

    /// Closes it for every handle.
    pub fn close(&self) {
        *self.0.lock() = None;
    }

    /// Runs our own work on the connection.
    pub fn as_host<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut open = self.0.lock();
        let open = open.as_mut().ok_or_else(removed)?;
        open.guard.speak(Speaker::Host);
        work(&mut open.connection)
    }
}

/// A plugin's database with what one version of the plugin may do.
pub struct OpenDatabase {
    pub file: Arc<SqlFile>,
    pub granted: CapabilitySet,
    pub core: Option<Arc<dyn CoreViews>>,
    pub limits: DatabaseLimits,
    pub ambient: Ambient,
}

impl OpenDatabase {
    /// Runs a plugin's work in one transaction, within limits.
    fn transact<T>(
        &self,
        limits: &DatabaseLimits,
        stop: &Stop,
        work: impl FnOnce(&Connection, &Guard) -> Result<T, Fault>,
    ) -> Result<T> {
        let mut open = self.file.0.lock();
        let open = open.as_mut().ok_or_else(removed)?;
        open.guard.speak(Speaker::Host);
        if let Some(core) = &self.core {
            open.views.refresh(&open.connection, &open.guard, core.as_ref(), &self.granted, &self.ambient)?;
        }
        if open.bound_by != Some(self.limits) {
            connection::bound(&open.connection, &self.limits).map_err(Error::internal)?;
            open.bound_by = Some(self.limits);
        }
        let open: &Open = open;
        open.connection.execute_batch("BEGIN").map_err(Error::internal)?;
        open.budget.begin(limits, stop);
        let outcome = work(&open.connection, &open.guard);
        let circumstances = Circumstances { refusal: open.guard.refusal(), spent: open.budget.end() };
        open.guard.speak(Speaker::Host);
        let outcome = outcome.and_then(|value| {
            check_views(&open.connection)?;
            open.connection.execute_batch("COMMIT")?;
            Ok(value)
        });
        if !open.connection.is_autocommit() {
            open.connection.execute_batch("ROLLBACK").map_err(Error::internal)?;
        }
        outcome.map_err(|fault| fault::explain(fault, circumstances, limits))
    }
}

impl PluginDatabase for OpenDatabase {
    fn batch(&self, statements: &[Statement], stop: &Stop) -> Result<BatchAnswer> {
        let (count, most) = (statements.len(), self.limits.statements);
        if count > most {
            let message = format!("D1_ERROR: The batch has {count} statements; the limit is {most}.");
            return Err(Error::new(ErrorCode::QuotaExceeded, message));
        }
        self.transact(&self.limits, stop, |connection, guard| {
            let mut room = run::Room::new(&self.limits);
            statements
                .iter()
                .map(|statement| run::statement(connection, guard, statement, &mut room))
                .collect()
        })
        .and_then(|statements| Ok(BatchAnswer { statements, size_after: self.size()? }))
    }

    fn script(&self, sql: &str, stop: &Stop) -> Result<u64> {
        self.transact(&self.limits, stop, |connection, guard| {
            run::script(connection, guard, sql, &self.limits, |_| {})
        })
    }

    fn migrate(&self, migrations: &[Migration], stop: &Stop) -> Result<Vec<String>> {
        migrate::apply(self, migrations, stop)
    }

    fn applied(&self) -> Result<Vec<AppliedMigration>> {
        self.file.as_host(|connection| migrate::applied(connection).map_err(Error::internal))
    }

    fn size(&self) -> Result<u64> {
        self.file.as_host(|connection| {
            let pragma = |name: &str| {
                let sql = format!("PRAGMA main.{name}");
                connection.prepare_cached(&sql)?.query_row([], |row| row.get::<_, i64>(0))
            };
            let bytes = pragma("page_count").and_then(|pages| Ok(pages * pragma("page_size")?));
            Ok(u64::try_from(bytes.map_err(Error::internal)?).unwrap_or_default())
        })
    }
}

/// SQLite unfolds views within views, each time it meets one; few of them cannot unfold to much.
fn check_views(connection: &Connection) -> Result<(), Fault> {
    let sql = "SELECT count(*) FROM main.sqlite_schema WHERE type = 'view'";
    let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    match count > MOST_VIEWS {
        true => Err(Fault::Refused(format!("a plugin's database has at most {MOST_VIEWS} views"))),
        false => Ok(()),
    }
}

fn removed() -> Error {
    Error::new(ErrorCode::InvalidState, "The plugin's database was removed.")
}
