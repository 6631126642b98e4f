#![doc = include_str!("../README.md")]

mod ambient;
pub mod command;
mod config;
mod data_dir;
mod limits;
mod marketplace;
mod remote;
mod sandbox;
mod server;
mod site;
mod stores;
mod wiring;

pub use config::{Role, ServeConfig, parse_static_host, parse_url};
pub use data_dir::{Claim, DataDir};
pub use server::{Server, Started};
