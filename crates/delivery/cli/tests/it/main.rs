//! The whole program, through its command line and over HTTP.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in a helper fails the test that calls it"
)]

mod agents;
mod authorisation;
mod before_save;
mod commands;
mod content;
mod content_hooks;
mod crash;
mod cron;
mod database;
mod develop;
mod hostile;
mod lifecycle;
mod marketplace;
mod native;
mod plugin_content;
mod plugin_reads;
mod public_pages;
mod replay;
mod requests;
mod requests_for_plugins;
mod routes;
mod settings;
mod setup_page;
mod sight;
mod stopping;
mod support;
mod update;
mod upgrades;
mod walk;
mod webhooks;
