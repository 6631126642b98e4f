//! The service over a real store in a temporary file.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod concurrency;
mod lifecycle;
mod pipeline;
mod reading_rules;
mod seeding;
mod support;
mod wordpress;
