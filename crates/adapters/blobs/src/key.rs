//! Which keys name a blob.

use emdash_types::{Error, Result};
use object_store::path::Path;

/// Longest key, and longest part between slashes: what common file systems take, with room for a temporary suffix.
const MAX_KEY: usize = 1024;
const MAX_PART: usize = 200;

/// The path of a key, or a refusal of anything that could mean a place outside the store or two places at once.
pub(crate) fn parse(key: &str) -> Result<Path> {
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let valid =
        |part: &str| !matches!(part, "" | "." | "..") && part.len() <= MAX_PART && part.chars().all(named);
    if key.len() > MAX_KEY || !key.split('/').all(valid) {
        let shown: String = key.chars().take(80).collect();
        return Err(Error::field("key", format!("{shown:?} is not a blob key")).hint(format!(
            "Write names of letters, digits, '.', '_' and '-' with '/' between them, at most {MAX_PART} characters each and {MAX_KEY} in all."
        )));
    }
    Path::parse(key).map_err(Error::internal)
}
