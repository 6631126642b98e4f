//! Unpacking in memory, strictly: everything an archive can do beyond holding plain files is refused.

use std::collections::BTreeMap;
use std::io::Read;

use emdash_types::{Error, ErrorCode, Result};
use flate2::bufread::GzDecoder;
use tar::{Archive, Entry, EntryType, Header};

use super::{BundleLimits, invalid, path};

/// Files by path.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

const BLOCK: usize = 512;

/// An archive that kept to its limits.
pub(super) struct Unpacked {
    pub(super) files: Files,
    /// Whether it would have kept to those of a bundle without a component.
    pub(super) within_standard: Result<()>,
}

/// Whether a file of this name is given the room of a component.
pub(super) fn is_component(path: &[u8]) -> bool {
    path.ends_with(b".wasm")
}

pub(super) fn unpack(compressed: &[u8], limits: &BundleLimits) -> Result<Unpacked> {
    let stream = decompress(compressed, limits)?;
    let component_bytes = component_bytes(&stream);
    let within_standard = check_size(compressed.len(), limits.compressed_bytes)
        .and_then(|()| check_stream(stream.len(), limits.unpacked_bytes));
    let within_standard = if component_bytes == 0 { Ok(within_standard?) } else { within_standard };
    check_stream(stream.len() - component_bytes, limits.unpacked_bytes)?;
    let mut archive = Archive::new(stream.as_slice());
    let mut files = Files::new();
    let mut count = 0;
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        count += 1;
        if count > limits.entries {
            let most = limits.entries;
            return Err(invalid(format!("Bundle has too many tar entries; at most {most} are allowed")));
        }
        let Some((path, bytes)) = read_entry(&mut entry, limits)? else { continue };
        if files.contains_key(&path) {
            return Err(invalid(format!("Invalid bundle: the entry {path:?} appears twice")));
        }
        files.insert(path, bytes);
    }
    check_end(&stream, archive.into_inner())?;
    Ok(Unpacked { files, within_standard })
}

fn check_size(size: usize, most: usize) -> Result<()> {
    if size <= most {
        Ok(())
    } else {
        Err(invalid(format!("Bundle has {size} bytes; at most {most} are allowed")))
    }
}

fn check_stream(size: usize, most: usize) -> Result<()> {
    if size <= most {
        return Ok(());
    }
    Err(invalid(format!("Bundle decompressed size exceeds limit ({most} bytes)")))
}

/// What the entries of components take in the stream. Whether they may be there is judged when they are read.
fn component_bytes(stream: &[u8]) -> usize {
    let mut archive = Archive::new(stream);
    let entries = archive.entries().into_iter().flatten().map_while(Result::ok);
    let components = entries.filter(|entry| is_component(&entry.path_bytes()));
    let sizes = components.map(|entry| usize::try_from(entry.size()).unwrap_or(usize::MAX));
    sizes.fold(0, |sum: usize, size| sum.saturating_add(size)).min(stream.len())
}

/// Unzips one gzip member, reading at most one byte more than allowed.
fn decompress(compressed: &[u8], limits: &BundleLimits) -> Result<Vec<u8>> {
    check_size(compressed.len(), limits.compressed_bytes.max(limits.component_compressed_bytes))?;
    let mut decoder = GzDecoder::new(compressed);
    let most = limits.unpacked_bytes.saturating_add(limits.component_bytes);
    let mut stream = Vec::new();
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    decoder.by_ref().take(bound).read_to_end(&mut stream).map_err(unreadable)?;
    if stream.len() > most {
        let told = if component_bytes(&stream) == 0 { limits.unpacked_bytes } else { most };
        check_stream(stream.len(), told)?;
    }
    let rest = decoder.into_inner().len();
    if rest > 0 {
        return Err(invalid(format!("Invalid bundle: {rest} bytes follow the end of the gzip stream")));
    }
    Ok(stream)
}

/// A regular file; `None` for what may be there and says nothing.
fn read_entry(entry: &mut Entry<'_, &[u8]>, limits: &BundleLimits) -> Result<Option<(String, Vec<u8>)>> {
    let kind = entry.header().entry_type();
    if kind == EntryType::XGlobalHeader {
        return Ok(None);
    }
    let raw = entry.path_bytes().into_owned();
    let shown: String = String::from_utf8_lossy(&raw).chars().take(100).collect();
    if has_hidden_name(entry.header()) {
        return Err(invalid(format!("Invalid bundle: the name of the entry {shown:?} goes on after a NUL")));
    }
    let path = path::normalise(&raw)
        .map_err(|reason| invalid(format!("Invalid bundle: the entry {shown:?} {reason}")))?;
    let size = entry.size();
    match kind {
        EntryType::Directory if size == 0 => return Ok(None),
        EntryType::Regular => {}
        other => {
            let other = describe(other);
            let message =
                format!("Invalid bundle: the entry {shown:?} is {other}; only files and folders are allowed");
            return Err(invalid(message));
        }
    }
    let most = if is_component(&raw) { limits.component_bytes } else { limits.file_bytes };
    if size > u64::try_from(most).unwrap_or(u64::MAX) {
        let message =
            format!("Invalid bundle: the file {shown:?} has {size} bytes; at most {most} are allowed");
        return Err(invalid(message));
    }
    if path.is_empty() {
        return Err(invalid(format!("Invalid bundle: the file {shown:?} has no name")));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).ok() != Some(size) {
        return Err(unreadable(format!("the file {shown:?} ends after {} of {size} bytes", bytes.len())));
    }
    Ok(Some((path, bytes)))
}

/// A name field with more text behind its end: two readers could see two names.
fn has_hidden_name(header: &Header) -> bool {
    header.as_old().name.iter().skip_while(|byte| **byte != 0).any(|byte| *byte != 0)
}

fn describe(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink => "a symbolic link",
        EntryType::Link => "a hard link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a pipe",
        EntryType::Directory => "a folder with content",
        EntryType::GNUSparse => "a sparse file",
        _ => "of an unknown type",
    }
}

/// An archive ends with two zero blocks and padding, nothing else.
fn check_end(stream: &[u8], rest: &[u8]) -> Result<()> {
    let read = &stream[..stream.len() - rest.len()];
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    if read.len() < BLOCK || rest.len() < BLOCK || !is_zero(&read[read.len() - BLOCK..]) {
        return Err(unreadable("the archive has no end; it was cut off"));
    }
    if !is_zero(rest) {
        return Err(invalid("Invalid bundle: there is data behind the end of the archive"));
    }
    Ok(())
}

fn unreadable(cause: impl ToString) -> Error {
    let message =
        format!("The bundle is not a readable tar.gz archive: {}.", cause.to_string().trim_end_matches('.'));
    Error::new(ErrorCode::BundleExtractFailed, message)
}
