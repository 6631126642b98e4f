//! What is wrong with a manifest, and where.

use std::fmt;

use emdash_types::{Error, ErrorCode};
use serde::Serialize;

/// One thing wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManifestIssue {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The value, such as `hooks[2].name`; empty for the whole file.
    pub path: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for ManifestIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything wrong with a manifest; at least one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestErrors(Vec<ManifestIssue>);

impl ManifestErrors {
    /// More issues than this are not listed; they would not help anyone.
    pub(crate) const MAX_ISSUES: usize = 100;

    pub(crate) fn new(mut issues: Vec<ManifestIssue>) -> Self {
        issues.sort_by_key(|issue| (issue.line, issue.column));
        Self(issues)
    }

    /// The issues, in the order of the file.
    #[must_use]
    pub fn issues(&self) -> &[ManifestIssue] {
        &self.0
    }
}

impl fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else { return f.write_str("the manifest is not valid") };
        match self.0.len() - 1 {
            0 => write!(f, "{first}"),
            1 => write!(f, "{first} (and 1 more problem)"),
            more => write!(f, "{first} (and {more} more problems)"),
        }
    }
}

impl std::error::Error for ManifestErrors {}

impl From<ManifestErrors> for Error {
    fn from(errors: ManifestErrors) -> Self {
        Self::new(ErrorCode::InvalidManifest, errors.to_string())
            .details(serde_json::json!({ "issues": errors.0 }))
    }
}
