//! Writing a bundle: the same files give the same bytes, whoever packs them and when.

use std::collections::BTreeMap;
use std::io::Write;

use emdash_types::{Error, Result};
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

use super::{Bundle, invalid, path};

/// `unknown` in the gzip header's field for the operating system.
const NO_OPERATING_SYSTEM: u8 = 255;

impl Bundle {
    /// Packs files, given as path and bytes.
    ///
    /// # Errors
    /// `INVALID_BUNDLE` for a path that no bundle may contain, or two that are the same.
    pub fn write<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Result<Vec<u8>> {
        let mut sorted = BTreeMap::new();
        for (name, bytes) in files {
            let path = path::normalise(name.as_bytes()).map_err(|reason| {
                invalid(format!("The path {name:?} {reason} and cannot go into a bundle."))
            })?;
            if sorted.insert(path, bytes).is_some() {
                return Err(invalid(format!("The path {name:?} is given twice.")));
            }
        }
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in sorted {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_size(u64::try_from(bytes.len()).map_err(Error::internal)?);
            header.set_mtime(0);
            header
                .set_path(&path)
                .map_err(|_| invalid(format!("The path {path:?} is too long for an archive.")))?;
            header.set_cksum();
            archive.append(&header, bytes).map_err(Error::internal)?;
        }
        let stream = archive.into_inner().map_err(Error::internal)?;
        let mut encoder = GzBuilder::new()
            .mtime(0)
            .operating_system(NO_OPERATING_SYSTEM)
            .write(Vec::new(), Compression::best());
        encoder.write_all(&stream).map_err(Error::internal)?;
        encoder.finish().map_err(Error::internal)
    }
}
