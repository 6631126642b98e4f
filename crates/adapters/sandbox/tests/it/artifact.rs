//! The committed engine is the one its sources make.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn engine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../engine")
}

fn hex(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn files_in(directory: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(engine().join(directory)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_artifact_was_built_from_these_sources() {
    let mut files = vec![engine().join("build.sh")];
    files.extend(files_in("patches"));
    files.extend(["sources/Cargo.lock", "sources/Cargo.toml"].map(|name| engine().join(name)));
    files.extend(files_in("src"));
    let mut sources = Sha256::new();
    for file in files {
        sources.update(fs::read(file).unwrap());
    }
    let artifact = Sha256::digest(fs::read(engine().join("emdash-engine.wasm")).unwrap());
    let expected = format!("sources {}\nartifact {}\n", hex(sources.finalize()), hex(artifact));
    let recorded = fs::read_to_string(engine().join("emdash-engine.sha256")).unwrap();
    assert_eq!(recorded, expected, "run engine/build.sh");
}
