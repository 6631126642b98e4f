#![doc = include_str!("../README.md")]

mod host_pattern;

pub use host_pattern::HostPattern;
