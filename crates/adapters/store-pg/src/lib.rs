#![doc = include_str!("../README.md")]

mod database;
mod executor;
mod migrations;
mod store;
mod values;

pub use store::{PgPlatformStore, PgSiteStore};
