#![doc = include_str!("../README.md")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong here fails the test that stands on it"
)]

mod answer;
mod bundle;
mod client;
mod data;
mod listener;
mod process;
mod server;
mod serving;
mod shape;
mod wait;

pub use answer::Answer;
pub use bundle::Plugin;
pub use client::Client;
pub use data::TestData;
pub use emdash_manifest::PluginCode;
pub use emdash_types::Role;
pub use http::Method;
pub use listener::{Received, WebhookListener};
pub use process::{ChildServer, command};
pub use server::{Options, TestServer};
pub use serving::{Publisher, Serving};
pub use shape::shape;
pub use wait::eventually;
