//! One error type: a stable code, words for the caller, and an internal half that cannot leak.

mod catalogue;

use std::fmt;

use serde_json::Value;

pub use catalogue::ErrorCode;

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure a code is. The HTTP status and the command line's exit code follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong (400).
    Invalid,
    /// The caller is unknown (401).
    Unauthenticated,
    /// The caller is known and may not (403).
    Forbidden,
    /// No such thing (404).
    NotFound,
    /// The path is right, the method is not (405).
    MethodNotAllowed,
    /// The state of the thing forbids it (409).
    Conflict,
    /// Too many bytes (413).
    TooLarge,
    /// Understood and refused for its content (422).
    Unprocessable,
    /// Too often (429).
    RateLimited,
    /// Our fault (500).
    Internal,
    /// Not built yet (501).
    NotImplemented,
    /// Somebody upstream failed (502).
    BadGateway,
    /// Not now (503).
    Unavailable,
    /// Took too long (504).
    Timeout,
}

impl ErrorKind {
    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Unprocessable => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::NotImplemented => 501,
            Self::BadGateway => 502,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }
}

/// A refusal or failure. What is shown to the caller (message, hint, details) and what is only logged
/// (the cause) are separate; `Display` prints the first only.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    details: Option<Value>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with words for the caller: what happened, where, the limit and the used value.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { code, message: message.into(), hint: None, details: None, cause: None }))
    }

    /// A fault of ours: the caller sees only that, the cause goes to the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorCode::Internal, "Something went wrong on the server.");
        error.0.cause = Some(cause.into());
        error
    }

    /// `NOT_FOUND` in the usual words: `Post not found: hello`.
    pub fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("{what} not found: {id}"))
    }

    /// `VALIDATION_ERROR` for one field; `path` is dotted (`data.title`).
    pub fn field(path: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let issues = serde_json::json!({"issues": [{"path": path, "message": message}]});
        Self::new(ErrorCode::ValidationError, format!("{path}: {message}")).details(issues)
    }

    /// Adds what the caller can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds structured facts for programs.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Adds the cause, for the log only.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The words for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the caller can do, where something helps.
    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Structured facts, where there are any.
    #[must_use]
    pub fn details_value(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }

    /// The cause for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.0.cause.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_cause_is_never_shown() {
        let error = Error::internal("table users has no column pw");
        assert_eq!(error.to_string(), "Something went wrong on the server.");
        assert!(error.details_value().is_none());
    }

    #[test]
    fn codes_are_unique_and_every_one_is_explained() {
        let names: std::collections::BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.iter().all(|code| code.meaning().ends_with('.')));
    }
}
