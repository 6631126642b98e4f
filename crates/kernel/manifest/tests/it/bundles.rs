//! Bundle archives, good and hostile.

use std::io::Write;

use emdash_manifest::{Bundle, BundleLimits, PluginCode, imports};
use emdash_types::{Error, ErrorCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;
use proptest::prelude::*;
use tar::{EntryType, Header};

const MANIFEST: &[u8] = include_bytes!("../fixtures/audit-log/manifest.json");
const CODE: &[u8] = b"export default { hooks: {}, routes: {} };\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n...";

fn gzip(stream: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(stream).unwrap();
    encoder.finish().unwrap()
}

fn header(name: &[u8], kind: EntryType, size: usize) -> Header {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(size as u64);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn entry(name: &[u8], kind: EntryType, bytes: &[u8]) -> Vec<u8> {
    let mut blocks = header(name, kind, bytes.len()).as_bytes().to_vec();
    blocks.extend_from_slice(bytes);
    blocks.resize(blocks.len().next_multiple_of(512), 0);
    blocks
}

fn file(name: &str, bytes: &[u8]) -> Vec<u8> {
    entry(name.as_bytes(), EntryType::Regular, bytes)
}

/// A whole, valid bundle with more entries behind the two that must be there.
fn with(more: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = [file("manifest.json", MANIFEST), file("backend.js", CODE), more.concat()].concat();
    stream.resize(stream.len() + 1024, 0);
    stream
}

fn refused_stream(stream: &[u8]) -> String {
    refused(&gzip(stream))
}

fn refused(bytes: &[u8]) -> String {
    let error = Bundle::read(bytes, &BundleLimits::STANDARD).unwrap_err();
    format!("{}: {error}", error.code().name())
}

#[test]
fn a_bundle_is_read_whole() {
    let bytes = gzip(&with(&[
        entry(b"screenshots/", EntryType::Directory, b""),
        file("./README.md", b"# Audit log"),
        file("package/icon.png", PNG),
        file("screenshots/2.jpg", b"\xff\xd8\xff..."),
        file("screenshots/1.png", PNG),
        file("admin.js", b"ignored"),
        file("screenshots/notes.txt", b"ignored"),
    ]));
    let bundle = Bundle::read(&bytes, &BundleLimits::STANDARD).unwrap();
    assert_eq!(bundle.manifest.label(), "audit-log@0.2.0");
    assert_eq!((bundle.manifest_file, bundle.manifest_bytes.as_slice()), ("manifest.json", MANIFEST));
    assert_eq!(bundle.code.bytes(), CODE);
    assert_eq!(bundle.readme.as_deref(), Some("# Audit log"));
    assert_eq!(bundle.icon.as_deref(), Some(PNG));
    assert_eq!(
        bundle.screenshots.iter().map(|shot| shot.name.as_str()).collect::<Vec<_>>(),
        ["1.png", "2.jpg"]
    );
    assert_eq!(bundle.size, bytes.len());
    assert_eq!(bundle.checksum, Bundle::checksum(&bytes));
    assert_eq!(Bundle::checksum(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn packing_does_not_depend_on_order() {
    let files: [(&str, &[u8]); 3] = [("manifest.json", MANIFEST), ("backend.js", CODE), ("icon.png", PNG)];
    let packed = Bundle::write(files).unwrap();
    assert_eq!(packed, Bundle::write(files.into_iter().rev()).unwrap());
    assert_eq!(packed[4..8], [0; 4], "no time of packing");
    assert!(Bundle::read(&packed, &BundleLimits::STANDARD).is_ok());
    for bad in [[("../x", CODE), ("b", CODE)], [("a", CODE), ("./a", CODE)]] {
        assert_eq!(Bundle::write(bad).unwrap_err().code(), ErrorCode::InvalidBundle);
    }
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    let good = gzip(&with(&[]));
    assert_snapshot!(refused(b""), @"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: unexpected end of file.
    ");
    assert_snapshot!(refused(b"PK\x03\x04 a zip"), @"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: invalid gzip header.
    ");
    assert_snapshot!(refused(&good[..good.len() / 2]), @"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: incomplete deflate stream.
    ");
    assert_snapshot!(refused_stream(&with(&[])[..1500]), @"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: unexpected EOF during skip.
    ");
    let mut checksum = with(&[]);
    checksum[0] = b'M';
    assert_snapshot!(refused_stream(&checksum), @"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: archive header checksum mismatch.
    ");
    let endless = [file("manifest.json", MANIFEST), file("backend.js", CODE)].concat();
    assert_snapshot!(refused_stream(&endless), @"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: the archive has no end; it was cut off.
    ");
    let mut lying = header(b"big", EntryType::Regular, 100_000).as_bytes().to_vec();
    lying.resize(lying.len() + 1024, 0);
    assert_snapshot!(refused_stream(&lying), @r#"
    BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: the file "big" ends after 1024 of 100000 bytes.
    "#);
}

#[test]
fn nothing_may_follow_an_archive() {
    let mut trailing = gzip(&with(&[]));
    trailing.extend_from_slice(b"tail");
    assert_snapshot!(refused(&trailing), @"
    INVALID_BUNDLE: Invalid bundle: 4 bytes follow the end of the gzip stream
    ");
    let second_member = [gzip(&with(&[])), gzip(b"more")].concat();
    assert!(refused(&second_member).contains("follow the end of the gzip stream"));
    let mut hidden = with(&[]);
    hidden.extend_from_slice(&file("hidden", b"x"));
    hidden.resize(hidden.len() + 1024, 0);
    assert_snapshot!(refused_stream(&hidden), @"
    INVALID_BUNDLE: Invalid bundle: there is data behind the end of the archive
    ");
}

#[test]
fn limits_name_themselves() {
    assert_snapshot!(refused_stream(&vec![0; 50_000_000]), @"INVALID_BUNDLE: Bundle decompressed size exceeds limit (262144 bytes)");
    let random: Vec<u8> =
        (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    assert_snapshot!(refused(&gzip(&random)), @"INVALID_BUNDLE: Bundle has 800148 bytes; at most 524288 are allowed");
    let files: Vec<_> = (0..31).map(|n| file(&format!("f{n}"), b"")).collect();
    assert_snapshot!(refused_stream(&with(&files)), @"
    INVALID_BUNDLE: Bundle has too many tar entries; at most 32 are allowed
    ");
    let shots: Vec<_> = (0..9).map(|n| file(&format!("screenshots/{n}.png"), PNG)).collect();
    assert_snapshot!(refused_stream(&with(&shots)), @"INVALID_BUNDLE: Invalid bundle: 9 screenshots; at most 8 are taken");
    let limits = BundleLimits { file_bytes: 1000, ..BundleLimits::STANDARD };
    let error = Bundle::read(&gzip(&with(&[file("README.md", &[b'x'; 1001])])), &limits).unwrap_err();
    assert_snapshot!(error.to_string(), @r#"
    Invalid bundle: the file "README.md" has 1001 bytes; at most 1000 are allowed
    "#);
}

#[test]
fn names_and_kinds_that_attack_are_refused_by_name() {
    for (name, kind) in [
        (&b"../../etc/cron.d/x"[..], EntryType::Regular),
        (b"/etc/passwd", EntryType::Regular),
        (b"a\\b", EntryType::Regular),
        (b"C:/x", EntryType::Regular),
        (b"a\x1bb", EntryType::Regular),
        (b"a\0hidden", EntryType::Regular),
        (b"\xff\xfe", EntryType::Regular),
        (b"link", EntryType::Symlink),
        (b"link", EntryType::Link),
        (b"null", EntryType::Char),
        (b"sda", EntryType::Block),
        (b"pipe", EntryType::Fifo),
        (b"odd", EntryType::new(b'Z')),
    ] {
        let message = refused_stream(&with(&[entry(name, kind, b"")]));
        assert!(message.starts_with("INVALID_BUNDLE: Invalid bundle: the "), "{message}");
    }
    assert_snapshot!(refused_stream(&with(&[entry(b"../x", EntryType::Regular, b"")])), @r#"
    INVALID_BUNDLE: Invalid bundle: the entry "../x" leads out of the bundle ("..")
    "#);
    assert_snapshot!(refused_stream(&with(&[entry(b"manifest", EntryType::Symlink, b"")])), @r#"
    INVALID_BUNDLE: Invalid bundle: the entry "manifest" is a symbolic link; only files and folders are allowed
    "#);
    assert_snapshot!(refused_stream(&with(&[entry(b"a\0b", EntryType::Regular, b"")])), @r#"
    INVALID_BUNDLE: Invalid bundle: the name of the entry "a" goes on after a NUL
    "#);
    assert_snapshot!(refused_stream(&with(&[file("./package/backend.js", CODE)])), @r#"INVALID_BUNDLE: Invalid bundle: the entry "backend.js" appears twice"#);
    assert_snapshot!(refused_stream(&with(&[entry(b"d/", EntryType::Directory, b"x")])), @r#"
    INVALID_BUNDLE: Invalid bundle: the entry "d/" is a folder with content; only files and folders are allowed
    "#);
    assert_snapshot!(refused_stream(&with(&[file("e\u{301}", b""), file("\u{e9}", b"")])), @r#"INVALID_BUNDLE: Invalid bundle: the entry "é" appears twice"#);
}

#[test]
fn a_long_name_in_an_extension_header_is_held_to_the_same_rules() {
    let record = "23 path=../../escape.x\n";
    let pax = entry(b"PaxHeaders/x", EntryType::XHeader, record.as_bytes());
    let message = refused_stream(&with(&[[pax, file("harmless", b"")].concat()]));
    assert!(message.contains("leads out of the bundle"), "{message}");
}

#[test]
fn the_needed_files_must_be_there_and_right() {
    let bundle = |files: &[(&str, &[u8])]| refused(&Bundle::write(files.iter().copied()).unwrap());
    assert_snapshot!(bundle(&[("backend.js", CODE)]), @"INVALID_BUNDLE: Invalid bundle: missing manifest.json");
    assert_snapshot!(bundle(&[("manifest.json", MANIFEST)]), @"INVALID_BUNDLE: Invalid bundle: missing backend.js");
    assert_snapshot!(bundle(&[("manifest.json", MANIFEST), ("plugin.json", b"{}"), ("backend.js", CODE)]), @"
    INVALID_BUNDLE: Invalid bundle: it carries manifest.json and plugin.json; keep one manifest
    ");
    assert_snapshot!(bundle(&[("manifest.json", b"{\n\"id\": 1\n"), ("backend.js", CODE)]), @"
    INVALID_MANIFEST: manifest.json:1:1: not valid JSON: Unterminated object
    ");
    assert_snapshot!(bundle(&[("manifest.json", MANIFEST), ("backend.js", CODE), ("icon.png", b"<svg>")]), @"INVALID_BUNDLE: Invalid bundle: icon.png is not a PNG image");
    let node: &[u8] = b"// hello\nimport fs from \"node:fs\";\nexport default {};";
    assert_snapshot!(bundle(&[("manifest.json", MANIFEST), ("backend.js", node)]), @r#"
    INVALID_BUNDLE: backend.js:2:16: imports "node:fs"; plugins run without Node.js
    "#);
}

fn is_refusal(error: &Error) -> bool {
    matches!(
        error.code(),
        ErrorCode::InvalidBundle | ErrorCode::BundleExtractFailed | ErrorCode::InvalidManifest
    )
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        for bytes in [bytes.clone(), gzip(&bytes)] {
            if let Err(error) = Bundle::read(&bytes, &BundleLimits::STANDARD) {
                prop_assert!(is_refusal(&error), "{error}");
            }
        }
    }

    #[test]
    fn a_bent_archive_is_refused_or_read(at in 0..4096_usize, byte in any::<u8>()) {
        let mut stream = with(&[entry(b"screenshots/", EntryType::Directory, b"")]);
        let at = at % stream.len();
        stream[at] = byte;
        if let Err(error) = Bundle::read(&gzip(&stream), &BundleLimits::STANDARD) {
            prop_assert!(is_refusal(&error), "{error}");
        }
    }

    #[test]
    fn what_is_packed_is_what_is_unpacked(code in "[ -~\n]{0,500}", readme in proptest::option::of("\\PC{0,100}")) {
        prop_assume!(!imports(&code).iter().any(|import| import.specifier.starts_with("node:")));
        let mut files: Vec<(&str, &[u8])> = vec![("manifest.json", MANIFEST), ("backend.js", code.as_bytes())];
        files.extend(readme.iter().map(|readme| ("README.md", readme.as_bytes())));
        let bundle = Bundle::read(&Bundle::write(files).unwrap(), &BundleLimits::STANDARD).unwrap();
        prop_assert_eq!(bundle.code, PluginCode::module(&code));
        prop_assert_eq!(bundle.readme, readme);
    }

    #[test]
    fn scanning_for_imports_never_panics(code in "(\\PC|[\\n'\"`/\\\\${}()]|import |export |from ){0,60}") {
        let _ = imports(&code);
    }
}

const NATIVE: &str = r#"{"id":"n","version":"1.0.0","capabilities":[],"allowedHosts":[],"storage":{},"hooks":[],
    "routes":[],"admin":{},"runtime":{"wasm":"plugin.wasm"}}"#;

fn native(files: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = ("manifest.json", NATIVE.as_bytes());
    Bundle::write(std::iter::once(manifest).chain(files.iter().copied())).unwrap()
}

/// As large as `bytes` and as hard to compress as code.
fn wasm(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Three bits of eight, so that four megabytes go into two.
        (state >> 29) as u8
    };
    b"\0asm\x0d\0\x01\0".iter().copied().chain(std::iter::repeat_with(&mut noise)).take(bytes).collect()
}

#[test]
fn a_bundle_may_carry_a_component_in_place_of_the_module() {
    let component = wasm(3 << 20);
    let bytes = native(&[("plugin.wasm", &component), ("README.md", b"# N")]);
    let bundle = Bundle::read(&bytes, &BundleLimits::STANDARD).unwrap();
    assert_eq!(bundle.code, PluginCode::Component(component.into()));
    assert_eq!(bundle.manifest.wasm.as_deref(), Some("plugin.wasm"));
    assert!(bundle.manifest.to_bundle_json().contains(r#""wasm": "plugin.wasm""#));
}

#[test]
fn only_a_declared_component_gets_room_and_nothing_beside_it_may_run() {
    let component = wasm(1000);
    let large = wasm(400_000);
    assert_snapshot!(refused(&native(&[])), @"INVALID_BUNDLE: Invalid bundle: missing plugin.wasm");
    assert_snapshot!(refused(&native(&[("other.wasm", &component)])), @"INVALID_BUNDLE: Invalid bundle: missing plugin.wasm");
    assert_snapshot!(refused(&native(&[("plugin.wasm", b"text")])), @"INVALID_BUNDLE: Invalid bundle: plugin.wasm is not a Wasm file");
    assert_snapshot!(refused(&native(&[("plugin.wasm", &component), ("backend.js", CODE)])), @"INVALID_BUNDLE: Invalid bundle: it carries backend.js and plugin.wasm; one of them can run");
    assert_snapshot!(refused(&native(&[("plugin.wasm", &component), ("more.wasm", &component)])), @"INVALID_BUNDLE: Invalid bundle: it carries plugin.wasm and more.wasm; one of them can run");
    assert_snapshot!(refused(&native(&[("plugin.wasm", &wasm((4 << 20) + 1))])), @r#"INVALID_BUNDLE: Invalid bundle: the file "plugin.wasm" has 4194305 bytes; at most 4194304 are allowed"#);
    assert_snapshot!(refused(&native(&[("plugin.wasm", &component), ("README.md", &[b' '; 262_000])])), @"INVALID_BUNDLE: Bundle decompressed size exceeds limit (262144 bytes)");
    assert_snapshot!(refused(&gzip(&with(&[file("hidden.wasm", &large)]))), @"INVALID_BUNDLE: Bundle decompressed size exceeds limit (262144 bytes)");
}
