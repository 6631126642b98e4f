//! Statements plugins write.

mod bombs;
mod client;
mod core;
mod escapes;
mod migrations;

use std::sync::Arc;
use std::time::Duration;

use emdash_manifest::CapabilitySet;
use emdash_ports::plugin_data::PluginDataStore;
use emdash_ports::plugin_database::{
    BatchAnswer, DatabaseLimits, PluginDatabase, SqlValue, Statement, StatementAnswer, Stop,
};
use emdash_types::{Error, Result};

use crate::{Place, plugin};

pub const LIMITS: DatabaseLimits = DatabaseLimits {
    total_bytes: 4 << 20,
    statement_bytes: 100_000,
    statements: 100,
    values: 100,
    value_bytes: 1 << 20,
    answer_rows: 10_000,
    answer_bytes: 4 << 20,
    steps: 5_000_000,
    memory_bytes: 32 << 20,
};

pub fn database(place: &Place, id: &str) -> Arc<dyn PluginDatabase> {
    place.store.open_database(&plugin(id), &CapabilitySet::default(), LIMITS).unwrap()
}

pub fn stop() -> Stop {
    Stop::within(Duration::from_secs(20))
}

pub fn statement(sql: &str) -> Statement {
    Statement { sql: sql.to_owned(), values: Vec::new() }
}

pub fn try_run(database: &dyn PluginDatabase, sql: &str) -> Result<StatementAnswer> {
    let BatchAnswer { mut statements, .. } = database.batch(&[statement(sql)], &stop())?;
    Ok(statements.remove(0))
}

pub fn run(database: &dyn PluginDatabase, sql: &str) -> Vec<Vec<SqlValue>> {
    try_run(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}")).rows
}

pub fn refusal(database: &dyn PluginDatabase, sql: &str) -> Error {
    match try_run(database, sql) {
        Ok(answer) => panic!("{sql}: {:?}", answer.rows),
        Err(error) => error,
    }
}

pub fn text(value: &str) -> SqlValue {
    SqlValue::Text(value.to_owned())
}
