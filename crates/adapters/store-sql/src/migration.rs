//! Forward-only migrations: which ones a database still needs, and whether this program may use it at all.

use emdash_types::{Error, ErrorCode, Result};
use sha2::{Digest, Sha256};

/// The table that remembers what was applied: `name`, `checksum`.
pub const MIGRATIONS_TABLE: &str = "_emdash_migrations";

/// One migration of one engine.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// File name without ending, `0001_start`.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

impl Migration {
    /// SHA-256 of the statements, lower-case hex.
    #[must_use]
    pub fn checksum(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The migrations a database still needs, given the names and checksums it has, in order of name.
///
/// # Errors
/// `DATABASE_UNUSABLE` when it has one that this program does not know or knows differently.
pub fn pending<'a>(known: &'a [Migration], applied: &[(String, String)]) -> Result<&'a [Migration]> {
    let refused = |message: String| {
        Error::new(ErrorCode::DatabaseUnusable, message).hint(
            "Start the newest version of emdash that ever worked on this database, or restore a backup.",
        )
    };
    for (position, (name, checksum)) in applied.iter().enumerate() {
        match known.get(position) {
            Some(migration) if migration.name == name && migration.checksum() == *checksum => {}
            Some(migration) if migration.name == name => {
                return Err(refused(format!(
                    "The database was migrated by another build: migration {name} differs from this program's."
                )));
            }
            _ => {
                return Err(refused(format!(
                    "The database is newer than this program: it has migration {name}, this program knows {}.",
                    known.len()
                )));
            }
        }
    }
    Ok(known.get(applied.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Migration; 2] =
        [Migration { name: "0001_a", sql: "a" }, Migration { name: "0002_b", sql: "b" }];

    fn applied(migration: &Migration) -> (String, String) {
        (migration.name.to_owned(), migration.checksum())
    }

    #[test]
    fn only_what_is_missing_is_pending() {
        let names = |rows: &[(String, String)]| {
            pending(&KNOWN, rows).unwrap().iter().map(|migration| migration.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["0001_a", "0002_b"]);
        assert_eq!(names(&[applied(&KNOWN[0])]), ["0002_b"]);
        assert!(names(&[applied(&KNOWN[0]), applied(&KNOWN[1])]).is_empty());
    }

    #[test]
    fn a_newer_or_edited_database_is_refused() {
        let newer = [applied(&KNOWN[0]), applied(&KNOWN[1]), ("0003_c".to_owned(), String::new())];
        let error = pending(&KNOWN, &newer).unwrap_err();
        assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
        assert!(error.message().contains("0003_c"), "{error}");
        let edited = [("0001_a".to_owned(), "other".to_owned())];
        assert!(pending(&KNOWN, &edited).unwrap_err().message().contains("differs"));
    }
}
