//! The plugins of a site, with a scripted sandbox and a scripted network; database and files are real.
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod broker;
mod cron;
mod exchange;
mod fixture;
mod install;
mod life;
mod pipeline;
mod routes;
mod scripted;
mod settings;
