#![doc = include_str!("../README.md")]

mod database;
mod executor;
mod migrations;
mod store;

pub use store::{SqlitePlatformStore, SqliteSiteStore};
