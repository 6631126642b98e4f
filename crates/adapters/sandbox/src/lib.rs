#![doc = include_str!("../README.md")]

mod artifact;
mod border;
mod cache;
mod component;
mod crypto;
mod guest;
mod image;
mod imports;
mod instance;
mod intrinsics;
mod machine;
mod meter;
mod multipart;
mod replay;
mod response;
mod running;
mod runtime;
mod text_codec;
mod threads;
mod ticker;

pub use component::componentise;
pub use runtime::{SandboxConfig, SandboxRuntime};
