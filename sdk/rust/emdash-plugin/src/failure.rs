//! What goes wrong, as a handler throws it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::bindings::emdash::plugin::types::Refusal;
use crate::bindings::exports::emdash::plugin::hooks;

/// What a handler throws: a save is refused with its message, a route answers with its code and status.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// What happened, in words somebody can act on.
    pub message: String,
    /// A code for programs. A refusal of the host has the host's, such as `CAPABILITY_MISSING`.
    pub code: Option<String>,
    /// The status of a route's answer, 500 where nothing is said.
    pub status: Option<u16>,
    /// More about it.
    pub details: Option<Value>,
}

impl Failure {
    /// A failure with nothing but a message.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// With a code.
    #[must_use]
    pub fn code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    /// With a status for the route's answer.
    #[must_use]
    pub fn status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// With details.
    #[must_use]
    pub fn details(self, details: impl Serialize) -> Self {
        Self { details: serde_json::to_value(details).ok(), ..self }
    }

    pub(crate) fn into_wire(self) -> hooks::Failure {
        let Self { message, code, status, details } = self;
        hooks::Failure { message, code, status, details: details.map(|details| details.to_string()) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let Refusal { message, code, details } = refusal;
        let details = details.and_then(|json| serde_json::from_str(&json).ok());
        Self { message, code: Some(code), status: None, details }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error.to_string()).code("VALIDATION_ERROR").status(400)
    }
}
