//! The database a plugin declares for itself, and the migrations its bundle carries (A12, B4).

use emdash_types::{Error, ErrorCode, Result};

/// That a plugin has a database of its own, `ctx.db`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseDeclaration {
    /// The folder of the bundle its migrations are in, without a slash at the end.
    pub migrations: String,
}

impl DatabaseDeclaration {
    /// The folder where a manifest names none.
    pub const FOLDER: &str = "migrations";
}

/// One step of the database's structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The file's name without its folder, `0001_start.sql`. Migrations run in the order of their names.
    pub name: String,
    /// Its statements.
    pub sql: String,
}

impl Migration {
    /// Reads a migration file.
    ///
    /// # Errors
    /// `INVALID_BUNDLE` for a name that is not four digits, `_` and a word, or for what is not UTF-8 text.
    pub fn read(name: &str, bytes: Vec<u8>) -> Result<Self> {
        let refused = |what: &str| {
            Error::new(ErrorCode::InvalidBundle, format!("Invalid bundle: the migration {name:?} {what}"))
        };
        if !is_name(name) {
            return Err(refused("is not named like 0001_start.sql"));
        }
        let sql = String::from_utf8(bytes).map_err(|_| refused("is not UTF-8 text"))?;
        Ok(Self { name: name.to_owned(), sql })
    }
}

/// `0001_start.sql`: four digits, so that names sort as they count.
fn is_name(name: &str) -> bool {
    let Some((number, word)) = name.strip_suffix(".sql").and_then(|name| name.split_once('_')) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    number.len() == 4
        && number.chars().all(|c| c.is_ascii_digit())
        && (1..=80).contains(&word.len())
        && word.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_and_cannot_be_anything_else() {
        for name in ["0001_start.sql", "0042_add-index_2.sql"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "1_start.sql",
            "0001.sql",
            "0001_.sql",
            "00011_a.sql",
            "0001_a.txt",
            "0001_a b.sql",
            "٠٠٠١_a.sql",
        ] {
            assert!(!is_name(name), "{name}");
        }
        assert!(Migration::read("0001_a.sql", vec![0xff]).is_err());
    }
}
