#![doc = include_str!("../README.md")]

mod artifact;
mod cache;
mod guest;
mod image;
mod imports;
mod instance;
mod intrinsics;
mod machine;
mod meter;
mod running;
mod runtime;
mod threads;
mod ticker;

pub use runtime::{SandboxConfig, SandboxRuntime};
