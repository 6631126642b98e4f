#![doc = include_str!("../README.md")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong here fails the test that stands on it"
)]

mod attack;
#[cfg(test)]
mod documented;
mod outside;
mod site;
mod trial;

pub use attack::{Attack, Step, find_attacks};
pub use trial::carry_out;
