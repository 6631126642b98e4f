//! Native plugins: Wasm components of the world `wit/next` (C36). The same port, broker and budgets as for modules in
//! the JavaScript engine, on a Wasmtime engine of their own.
//!
//! A component is compiled when it is prepared, and instantiated for every request; nothing is imaged. Where a guest
//! waits for the host its fiber is set aside, which holds no thread and costs no CPU budget.

mod encode;
mod families;
mod guest;
mod image;
mod instance;
mod machine;
mod running;
mod wasi;
mod world;

pub use encode::componentise;
pub(crate) use image::{ComponentImage, no_package};
pub(crate) use machine::ComponentMachine;
