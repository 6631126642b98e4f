#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod bindings;
pub mod clock;
pub mod content;
mod failure;
mod handlers;
pub mod host;
pub mod http;
pub mod kv;
pub mod log;
pub mod random;
pub mod site;
pub mod storage;

pub use failure::Failure;
#[doc(hidden)]
pub use handlers::Component;
pub use handlers::{Answer, Hook, Plugin, Reply, Request, RequestFacts, Route, User};
pub use serde_json::{Map, Value, json};
#[doc(hidden)]
pub use wit_bindgen;

/// Makes a plugin of a type that implements [`Plugin`]. Once in a crate.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        const _: () = {
            type Component = $crate::Component<$plugin>;
    $crate::bindings::export_component!(Component with_types_in $crate::bindings);
        };
    };
}

/// What the host answered, read.
fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(Failure::from)
}

/// A value as JSON.
fn write(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::from)
}
