#![doc = include_str!("../README.md")]

mod jobs;
mod periodic;
mod worker;

pub use jobs::{JobHandler, Jobs};
pub use periodic::{Periodic, PeriodicTask};
pub use worker::{Liveness, WorkQueue, WorkerHandle, start_worker};
