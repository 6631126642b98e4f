//! The database a plugin has for itself, `d1:<plugin>`: statements the plugin wrote (A12, A13, B10).
//!
//! Nothing a statement says is trusted. An implementation keeps it within this one database, read access to the
//! core's views apart, and within [`DatabaseLimits`].

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use emdash_manifest::CapabilitySet;
pub use emdash_manifest::Migration;
use emdash_types::Result;

/// What a plugin's statements may take. All are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseLimits {
    /// The whole file, in bytes.
    pub total_bytes: u64,
    /// The text of one statement or script, in bytes.
    pub statement_bytes: usize,
    /// Statements of one batch or script.
    pub statements: usize,
    /// Values bound to one statement.
    pub values: usize,
    /// One text, blob or row, in bytes.
    pub value_bytes: usize,
    /// Rows of one answer.
    pub answer_rows: usize,
    /// All rows of one answer, in bytes.
    pub answer_bytes: usize,
    /// Work of one batch, in steps of the database's machine.
    pub steps: u64,
    /// Memory one batch may take beyond the cache, in bytes.
    pub memory_bytes: u64,
}

/// A value, bound or read.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// NULL.
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(String),
    /// BLOB.
    Blob(Vec<u8>),
}

/// One statement with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// SQL, exactly one statement.
    pub sql: String,
    /// Values for `?`, in order.
    pub values: Vec<SqlValue>,
}

/// What a statement came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatementAnswer {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<SqlValue>>,
    /// Rows it inserted, changed or deleted itself.
    pub changes: u64,
    /// The last row id this database gave.
    pub last_row_id: i64,
    /// Rows it looked at one by one, at least those it answered with.
    pub rows_read: u64,
    /// Rows it inserted, changed or deleted, by triggers too.
    pub rows_written: u64,
    /// Whether it changed the database.
    pub changed: bool,
    /// How long it took.
    pub duration: Duration,
}

/// What a batch came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchAnswer {
    /// One answer per statement.
    pub statements: Vec<StatementAnswer>,
    /// The file afterwards, in bytes.
    pub size_after: u64,
}

/// When a batch has to end: at an instant, or once somebody says so.
#[derive(Clone, Debug)]
pub struct Stop {
    said: Arc<AtomicBool>,
    /// Time it may take.
    pub within: Duration,
}

impl Stop {
    /// A batch that may take this long.
    #[must_use]
    pub fn within(within: Duration) -> Self {
        Self { said: Arc::default(), within }
    }

    /// Ends the batch as soon as it looks.
    pub fn say(&self) {
        self.said.store(true, Ordering::Relaxed);
    }

    /// Whether somebody said so.
    #[must_use]
    pub fn is_said(&self) -> bool {
        self.said.load(Ordering::Relaxed)
    }
}

/// A migration on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The file's name.
    pub name: String,
    /// Lower-case hex SHA-256 of its text.
    pub hash: String,
    /// Unix milliseconds.
    pub applied_at: i64,
}

/// One plugin's database. Calls block; they belong on a thread that may wait.
pub trait PluginDatabase: Send + Sync {
    /// Runs statements in one transaction: all or none.
    ///
    /// # Errors
    /// `SQL_ERROR` for what is the statement's own fault (`D1_ERROR: …`), `SQL_REFUSED` for what no plugin may do,
    /// `SQL_LIMIT` beyond steps, time or memory, `QUOTA_EXCEEDED` beyond a size, `RESPONSE_TOO_LARGE` for the answer.
    fn batch(&self, statements: &[Statement], stop: &Stop) -> Result<BatchAnswer>;

    /// Runs the statements of a script in one transaction, without values or answers; says how many there were.
    ///
    /// # Errors
    /// As [`PluginDatabase::batch`], with the statement's number.
    fn script(&self, sql: &str, stop: &Stop) -> Result<u64>;

    /// Applies the migrations that are not on record yet, in order and in one transaction, and records them;
    /// gives the names of those applied.
    ///
    /// # Errors
    /// `MIGRATION_FAILED` with file, statement and reason; where one on record was changed or is missing. The
    /// database is as it was then.
    fn migrate(&self, migrations: &[Migration], stop: &Stop) -> Result<Vec<String>>;

    /// The migrations on record, in the order they were applied in.
    fn applied(&self) -> Result<Vec<AppliedMigration>>;

    /// The file, in bytes.
    fn size(&self) -> Result<u64>;
}

/// Something of the core that statements may read, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreView {
    /// `core_posts`; letters, digits and underscores.
    pub name: String,
    /// The query behind it. It names the core's tables as those of the schema `core`, and each in a condition:
    /// counting rows reads no column, and only columns are read on a view's behalf.
    pub query: String,
}

/// What plugins may read of the core (A13, B11), where the core is a file of the same kind.
pub trait CoreViews: Send + Sync {
    /// The file.
    fn file(&self) -> &Path;

    /// The views these capabilities allow, as the core's tables are now.
    fn views(&self, granted: &CapabilitySet) -> Result<Vec<CoreView>>;
}
