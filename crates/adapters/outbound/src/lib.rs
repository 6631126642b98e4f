#![doc = include_str!("../README.md")]

mod addresses;
mod body;
mod client;
mod destination;
mod exchange;
mod headers;
mod network;
mod tls;

pub use client::{GuardedClient, OutboundConfig, StaticHost};
pub use network::{Network, SystemNetwork};
