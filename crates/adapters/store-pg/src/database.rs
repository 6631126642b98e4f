//! One schema: its pool and its transactions.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use emdash_store_sql::{Migration, SqlError, SqlTransaction, cannot_open};
use emdash_types::{CollectionName, Error, ErrorCode, Result, Secret};
use tokio_postgres::{Config, NoTls};

use crate::executor::{PgExecutor, sql_error};
use crate::migrations::migrate;

/// Connections of one schema at the most.
const CONNECTIONS: usize = 8;
/// How long a transaction waits for a free connection, and a connection for its server.
const PATIENCE: Duration = Duration::from_secs(30);
/// Tells our advisory locks from those of other programs on the same database.
const LOCK_CLASS: i32 = 0x0065_6D64;

/// A migrated schema.
pub(crate) struct Database {
    pool: Pool,
    begin_write: String,
}

impl Database {
    /// Connects and brings the schema up to date.
    pub(crate) async fn connect(url: &Secret, schema: &str, migrations: &[Migration]) -> Result<Self> {
        CollectionName::parse(schema)
            .map_err(|error| unusable(format!("The schema cannot have this name: {error}")))?;
        let mut config: Config = url.expose().parse().map_err(|_| {
            unusable("The database URL cannot be read; its form is postgres://user:password@host/name.")
        })?;
        config.options(format!("-c search_path=\"{schema}\"")).connect_timeout(PATIENCE);
        config.application_name("emdash");
        let manager =
            Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .build()
            .map_err(Error::internal)?;
        let lock = format!("SELECT pg_advisory_xact_lock({LOCK_CLASS}, hashtext('{schema}'))");
        let database = Self { pool, begin_write: format!("BEGIN; {lock}") };
        let place = format!("The PostgreSQL schema {schema}");
        let mut client = database.client().await.map_err(|error| cannot_open(&place, error))?;
        migrate(&mut client, schema, &lock, migrations).await.map_err(|error| cannot_open(&place, error))?;
        drop(client);
        Ok(database)
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => SqlError::Unusable(error.into()).into(),
            PoolError::Timeout(_) => unusable(format!(
                "No connection to the database became free within {} seconds; {CONNECTIONS} are in use.",
                PATIENCE.as_secs()
            )),
            other => Error::internal(other),
        })
    }

    /// A read transaction: one state throughout.
    pub(crate) async fn read(&self) -> Result<SqlTransaction> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(SqlTransaction::new(Box::new(PgExecutor::begin(self.client().await?, begin).await?)))
    }

    /// The write transaction, when nobody else has it, in this process or another.
    pub(crate) async fn write(&self) -> Result<SqlTransaction> {
        Ok(SqlTransaction::new(Box::new(PgExecutor::begin(self.client().await?, &self.begin_write).await?)))
    }

    /// Asks the server for an answer.
    pub(crate) async fn ping(&self) -> Result<()> {
        Ok(self.client().await?.batch_execute("SELECT 1").await.map_err(sql_error)?)
    }
}

fn unusable(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::DatabaseUnusable, message)
}
