#![doc = include_str!("../README.md")]

mod core_views;
mod database;
mod executor;
mod migrations;
mod store;

pub use core_views::SqliteCoreViews;
pub use store::{SqlitePlatformStore, SqliteSiteStore};
