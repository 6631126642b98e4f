//! From what a compiler writes to a component.

use emdash_types::{Error, ErrorCode, Result};
use wasmparser::Parser;
use wit_component::ComponentEncoder;

/// Makes a component of a core module that carries its world, as `wit-bindgen` puts it there. A component stays as
/// it is.
///
/// # Errors
/// `INVALID_BUNDLE` for anything else.
pub fn componentise(wasm: &[u8]) -> Result<Vec<u8>> {
    if Parser::is_component(wasm) {
        return Ok(wasm.to_vec());
    }
    let refused = |what: String| {
        Error::new(ErrorCode::InvalidBundle, format!("The Wasm file cannot be made a component: {what}"))
            .hint("Build it for wasm32-unknown-unknown with the plugin SDK, or hand in a component of the world emdash:plugin.")
    };
    if !Parser::is_core_wasm(wasm) {
        return Err(refused("it is no Wasm file.".to_owned()));
    }
    let encoder = ComponentEncoder::default().validate(true).module(wasm);
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|error| refused(format!("{error:#}")))
}
