//! How every answer looks.

mod envelope;
mod failure;

pub use envelope::{Created, Done};
pub use failure::{Failure, log};
