#![doc = include_str!("../README.md")]

mod content;
mod dialect;
mod executor;
mod identity;
mod migration;
mod operations;
mod platform;
mod plugins;
mod row;
mod transaction;
mod value;
mod words;

pub use dialect::Dialect;
pub use executor::{Executor, SqlError, UniqueViolation, cannot_open};
pub use migration::{MIGRATIONS_TABLE, Migration, pending};
pub use transaction::SqlTransaction;
pub use value::{Row, Value};
