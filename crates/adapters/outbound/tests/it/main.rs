//! The guard against scripted names and loopback listeners.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod harness;
mod headers;
mod limits;
mod policies;
mod redirects;
mod spellings;
