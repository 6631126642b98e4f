//! The guest engine as it is committed: code that every plugin shares, and the data a fresh memory starts with.

use emdash_types::{Error, Result};
use sha2::{Digest, Sha256};
use wasm_encoder::{Module, RawSection};
use wasmparser::{DataKind, Operator, Parser, Payload};

/// The artifact, built by `engine/build.sh`.
pub(crate) const ENGINE: &[u8] = include_bytes!("../../../../engine/emdash-engine.wasm");

macro_rules! prelude {
    ($name:literal) => {
        (
            concat!("emdash:prelude/", $name, ".js"),
            include_str!(concat!("../../../../engine/prelude/", $name, ".js")),
        )
    };
}

/// Prelude modules by name, evaluated when the base image is made.
pub(crate) const PRELUDE: &[(&str, &str)] = &[
    prelude!("blob"),
    prelude!("body"),
    prelude!("clock"),
    prelude!("clone"),
    prelude!("console"),
    prelude!("crypto"),
    prelude!("ctx"),
    prelude!("database"),
    prelude!("encoding"),
    prelude!("entry"),
    prelude!("events"),
    prelude!("fetch"),
    prelude!("form"),
    prelude!("headers"),
    prelude!("intl"),
    prelude!("intl_date"),
    prelude!("intl_host"),
    prelude!("intl_locale"),
    prelude!("intl_number"),
    prelude!("intl_segmenter"),
    prelude!("intl_text"),
    prelude!("keys"),
    prelude!("lockdown"),
    prelude!("main"),
    prelude!("operations"),
    prelude!("plugin_module"),
    prelude!("primordials"),
    prelude!("streams_pipe"),
    prelude!("streams_readable"),
    prelude!("streams_shared"),
    prelude!("streams_transform"),
    prelude!("streams_writable"),
    prelude!("subtle"),
    prelude!("timers"),
    prelude!("url"),
];

/// A hash over everything a base image, and what a guest does, depends on.
pub(crate) fn fingerprint() -> String {
    let mut hash = Sha256::new();
    hash.update(ENGINE);
    for (name, source) in PRELUDE {
        hash.update(name);
        hash.update(source);
    }
    hex(&hash.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The engine taken apart.
pub(crate) struct Parts {
    /// The module without start function and data: memory arrives initialised.
    pub(crate) code: Vec<u8>,
    /// What a fresh memory holds: offset and bytes. Everything else is zero (.bss).
    pub(crate) data: Vec<(u32, &'static [u8])>,
    /// Initial size of memory in 64 KiB pages.
    pub(crate) pages: u64,
    /// The stack is the memory below this address.
    pub(crate) stack_top: usize,
}

impl Parts {
    /// Takes [`ENGINE`] apart.
    pub(crate) fn read() -> Result<Self> {
        let mut module = Module::new();
        let mut parts = Self { code: Vec::new(), data: Vec::new(), pages: 0, stack_top: 0 };
        for payload in Parser::new(0).parse_all(ENGINE) {
            let payload = payload.map_err(Error::internal)?;
            match &payload {
                Payload::StartSection { .. } | Payload::DataCountSection { .. } => continue,
                Payload::DataSection(section) => {
                    for segment in section.clone() {
                        parts.data.push(segment_of(&segment.map_err(Error::internal)?)?);
                    }
                    continue;
                }
                Payload::ImportSection(section) => parts.pages = memory_pages(section.clone())?,
                Payload::GlobalSection(section) => parts.stack_top = stack_top(section.clone())?,
                _ => {}
            }
            if let Some((id, range)) = payload.as_section() {
                let data = ENGINE.get(range).unwrap_or_default();
                module.section(&RawSection { id, data });
            }
        }
        parts.code = module.finish();
        Ok(parts)
    }
}

fn odd(what: &str) -> Error {
    Error::internal(format!("the engine artifact is not what engine/build.sh makes: {what}"))
}

fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<u32> {
    match expression.get_operators_reader().read().map_err(Error::internal)? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        _ => Err(odd("an offset is not a constant")),
    }
}

fn segment_of(segment: &wasmparser::Data<'static>) -> Result<(u32, &'static [u8])> {
    match &segment.kind {
        DataKind::Active { memory_index: 0, offset_expr } => Ok((constant(offset_expr)?, segment.data)),
        _ => Err(odd("a data segment is passive")),
    }
}

fn memory_pages(section: wasmparser::ImportSectionReader<'_>) -> Result<u64> {
    for import in section.into_imports() {
        if let wasmparser::TypeRef::Memory(memory) = import.map_err(Error::internal)?.ty {
            return Ok(memory.initial);
        }
    }
    Err(odd("memory is not imported"))
}

/// The stack pointer is the only state outside memory; an image restores it by starting afresh.
fn stack_top(section: wasmparser::GlobalSectionReader<'_>) -> Result<usize> {
    let mut mutable = Vec::new();
    for global in section {
        let global = global.map_err(Error::internal)?;
        if global.ty.mutable {
            mutable.push(constant(&global.init_expr)?);
        }
    }
    match mutable.as_slice() {
        [top] => Ok(usize::try_from(*top).unwrap_or(usize::MAX)),
        _ => Err(odd("there is a mutable global besides the stack pointer")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image is linear memory alone, and the engine can ask the host for nothing but what `imports.rs` defines.
    #[test]
    fn the_engine_has_no_state_outside_memory_and_no_way_out() {
        let parts = Parts::read().unwrap();
        assert!(parts.data.iter().all(|(offset, _)| *offset as usize >= parts.stack_top));
        let mut imports = Vec::new();
        for payload in Parser::new(0).parse_all(&parts.code) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.unwrap();
                        imports.push(format!("{}.{}", import.module, import.name));
                    }
                }
                Payload::StartSection { .. } | Payload::DataSection(_) => panic!("left in the code"),
                _ => {}
            }
        }
        imports.sort();
        let host = ["cancel_timer", "compute", "finish", "module", "now", "random", "start", "take", "timer"];
        let mut expected: Vec<String> = host.iter().map(|name| format!("emdash.{name}")).collect();
        expected.push("env.memory".to_owned());
        assert_eq!(imports, expected);
    }
}
