//! Where SQLite and PostgreSQL do not speak alike.

use emdash_store::content::ColumnKind;

use crate::words::Question;

/// An engine's way of putting things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The type of a field's column. Text sorts by code point on both.
    pub(crate) fn column_type(self, kind: ColumnKind) -> &'static str {
        match (self, kind) {
            (Self::Sqlite, ColumnKind::Text | ColumnKind::Json) => "TEXT",
            (Self::Sqlite, ColumnKind::Integer) => "INTEGER",
            (Self::Sqlite, ColumnKind::Real) => "REAL",
            (Self::Postgres, ColumnKind::Text | ColumnKind::Json) => "TEXT COLLATE \"C\"",
            (Self::Postgres, ColumnKind::Integer) => "BIGINT",
            (Self::Postgres, ColumnKind::Real) => "DOUBLE PRECISION",
        }
    }

    /// What follows the column list of a new table.
    pub(crate) fn table_suffix(self) -> &'static str {
        match self {
            Self::Sqlite => "STRICT",
            Self::Postgres => "",
        }
    }

    /// A descending index column whose NULLs come last, as the lists want them.
    pub(crate) fn descending(self) -> &'static str {
        match self {
            Self::Sqlite => "DESC",
            Self::Postgres => "DESC NULLS LAST",
        }
    }

    /// Whether a text expression contains a text that is already lower case, whatever the case.
    pub(crate) fn contains(self, expression: &str, needle: &str) -> String {
        match self {
            Self::Sqlite => format!("instr(emdash_lower({expression}), {needle}) > 0"),
            Self::Postgres => {
                format!("strpos(lower({expression} COLLATE \"und-x-icu\"), CAST({needle} AS TEXT)) > 0")
            }
        }
    }

    /// The items of a list in JSON text, as a subquery.
    pub(crate) fn list(self, expression: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT value FROM json_each({expression}))"),
            Self::Postgres => {
                format!("(SELECT json_array_elements_text(CAST(CAST({expression} AS TEXT) AS json)))")
            }
        }
    }

    /// Puts the words of a document into the index: `?1` its row, `?2` the title, `?3` the body.
    pub(crate) fn search_write(self) -> &'static str {
        match self {
            Self::Sqlite => "INSERT OR REPLACE INTO _emdash_fts (rowid, title, body) VALUES (?1, ?2, ?3)",
            Self::Postgres => {
                "UPDATE _emdash_search SET words = setweight(CAST(CAST(?2 AS TEXT) AS tsvector), 'A') \
                 || CAST(CAST(?3 AS TEXT) AS tsvector) WHERE id = ?1"
            }
        }
    }

    /// Takes document `?1` out of the index, where that does not follow from deleting its row.
    pub(crate) fn search_forget(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("DELETE FROM _emdash_fts WHERE rowid = ?1"),
            Self::Postgres => None,
        }
    }

    /// The form in which the index takes words.
    pub(crate) fn search_words(self, words: &[String]) -> String {
        match self {
            Self::Sqlite => words.join(" "),
            Self::Postgres => {
                // Positions end at 16383; a word counts at most 256 times.
                let numbered = words.iter().enumerate();
                numbered.map(|(position, word)| format!("'{word}':{} ", (position + 1).min(16_383))).collect()
            }
        }
    }

    /// The form in which the index takes a question.
    pub(crate) fn search_question(self, question: &Question) -> String {
        let (whole, beginning) = question.parts();
        match self {
            Self::Sqlite => {
                let mut text: String = whole.iter().map(|word| format!("\"{word}\" ")).collect();
                text.push_str(&format!("\"{beginning}\"*"));
                text
            }
            Self::Postgres => {
                let mut text: String = whole.iter().map(|word| format!("'{word}' & ")).collect();
                text.push_str(&format!("'{beginning}':*"));
                text
            }
        }
    }

    /// Tables and condition of a search: `?1` the question, `s` the document.
    pub(crate) fn search_source(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "_emdash_fts JOIN _emdash_search AS s ON s.id = _emdash_fts.rowid WHERE _emdash_fts MATCH ?1"
            }
            Self::Postgres => "_emdash_search AS s WHERE s.words @@ CAST(CAST(?1 AS TEXT) AS tsquery)",
        }
    }

    /// The score of a hit, larger is better; a word of the title weighs five times one of the body.
    pub(crate) fn search_score(self) -> &'static str {
        match self {
            Self::Sqlite => "-bm25(_emdash_fts, 5.0, 1.0)",
            Self::Postgres => {
                "CAST(ts_rank('{0.2, 0.2, 0.2, 1.0}', s.words, CAST(CAST(?1 AS TEXT) AS tsquery)) \
                 AS DOUBLE PRECISION)"
            }
        }
    }
}
