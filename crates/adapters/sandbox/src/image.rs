//! Memory images: a linear memory at rest, as a Wasm module that is nothing but a memory with data.
//!
//! Wasmtime maps such a module copy-on-write, so an instance of it costs the pages it touches.

use wasm_encoder::{ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module};

/// Granularity of what is kept.
const PAGE: usize = 4096;
const WASM_PAGE: usize = 65536;

/// A code-less module holding a memory.
pub(crate) struct ImageModule {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// Bytes of data it carries.
    pub(crate) data_bytes: usize,
}

/// Encodes segments as an image of `pages` pages of 64 KiB.
pub(crate) fn encode<'a>(pages: u64, segments: impl IntoIterator<Item = (u32, &'a [u8])>) -> ImageModule {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    let mut data = DataSection::new();
    let mut data_bytes = 0;
    for (offset, bytes) in segments {
        data.active(0, &ConstExpr::i32_const(offset.cast_signed()), bytes.iter().copied());
        data_bytes += bytes.len();
    }
    let mut module = Module::new();
    module.section(&memories).section(&exports).section(&data);
    ImageModule { wasm: module.finish(), data_bytes }
}

/// Images a memory at rest. The stack, below `stack_top`, holds nothing then and is left out.
pub(crate) fn snapshot(memory: &[u8], stack_top: usize) -> ImageModule {
    let pages = u64::try_from(memory.len() / WASM_PAGE).unwrap_or(u64::MAX);
    encode(pages, runs(memory, stack_top))
}

/// The stretches of pages that hold anything.
fn runs(memory: &[u8], stack_top: usize) -> Vec<(u32, &[u8])> {
    let mut runs = Vec::new();
    let mut start = None;
    for index in 0..=memory.len() / PAGE {
        let at = index * PAGE;
        let used = at >= stack_top
            && memory.get(at..at + PAGE).is_some_and(|page| page.iter().any(|byte| *byte != 0));
        match (start, used) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                if let (Ok(offset), Some(bytes)) = (u32::try_from(from), memory.get(from..at)) {
                    runs.push((offset, bytes));
                }
            }
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_that_hold_something_above_the_stack_are_kept() {
        let mut memory = vec![0_u8; WASM_PAGE];
        memory[10] = 1;
        memory[PAGE * 3 + 5] = 2;
        memory[PAGE * 4] = 3;
        memory[PAGE * 15 + 4095] = 4;
        let found: Vec<(u32, usize)> =
            runs(&memory, PAGE).into_iter().map(|(offset, bytes)| (offset, bytes.len())).collect();
        assert_eq!(found, [(3 * 4096, 2 * PAGE), (15 * 4096, PAGE)]);
    }
}
