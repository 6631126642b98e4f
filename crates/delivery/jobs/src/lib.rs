#![doc = include_str!("../README.md")]

mod periodic;
mod runner;

pub use periodic::{Periodic, PeriodicTask};
pub use runner::{JobHandler, JobRunner, Liveness, RunnerHandle};
