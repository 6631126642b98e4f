//! Makes a component of a core module: `cargo run -p emdash-sandbox --example componentise -- in.wasm out.wasm`.

use emdash_types::{Error, Result};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(module), Some(component)) = (arguments.next(), arguments.next()) else {
        return Err(Error::internal("usage: componentise MODULE COMPONENT"));
    };
    let module = std::fs::read(module).map_err(Error::internal)?;
    std::fs::write(component, emdash_sandbox::componentise(&module)?).map_err(Error::internal)
}
