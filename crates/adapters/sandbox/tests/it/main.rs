//! The sandbox, driven as the host drives it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is the test's result"
)]

mod support;

mod artifact;
mod calls;
mod cases;
mod conformance;
mod context;
mod globals;
mod intl;
mod isolation;
mod limits;
mod modules;
mod native;
mod operations;
mod regexp;
mod replay;
