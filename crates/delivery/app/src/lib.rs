#![doc = include_str!("../README.md")]

mod ambient;
mod config;
mod data_dir;
mod wiring;

pub use config::{Role, ServeConfig};
pub use data_dir::{Claim, DataDir};
