#![doc = include_str!("../README.md")]

pub mod blobs;
pub mod outbound;
pub mod plugin_data;
pub mod plugin_database;
pub mod recording;
pub mod runtime;
pub mod vault;
