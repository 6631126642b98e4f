#![doc = include_str!("../README.md")]

mod service;
mod setup;
mod token;

pub use service::IdentityService;
pub use setup::{NewAdministrator, SetupOutcome};
pub use token::{NewToken, TokenInfo};
