//! Reading the arguments of a host call: one JSON array from untrusted memory.

use emdash_types::{Error, ErrorCode, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The elements, unparsed: a document goes from guest to database without being taken apart.
pub(super) struct Arguments<'a>(Vec<&'a RawValue>);

impl<'a> Arguments<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        serde_json::from_str(text).map(Self).map_err(|error| {
            Error::new(ErrorCode::ValidationError, "The arguments of a host call are a JSON array.")
                .caused_by(error)
        })
    }

    /// A required string that is not empty.
    pub(super) fn text(&self, position: usize, name: &str) -> Result<String> {
        let text = self.0.get(position).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        text.filter(|text| !text.is_empty()).ok_or_else(|| {
            Error::new(ErrorCode::ValidationError, format!("Missing required string parameter: {name}"))
        })
    }

    /// Required JSON, as it stands.
    pub(super) fn json(&self, position: usize, name: &str) -> Result<&'a str> {
        let raw = self.0.get(position).map(|raw| raw.get());
        raw.ok_or_else(|| {
            Error::new(ErrorCode::ValidationError, format!("Missing required parameter: {name}"))
        })
    }

    /// A value of a kind; absent and null are its default.
    pub(super) fn optional<T: Deserialize<'a> + Default>(
        &self,
        position: usize,
        name: &str,
        kind: &str,
    ) -> Result<T> {
        match self.0.get(position).map(|raw| raw.get()) {
            None | Some("null") => Ok(T::default()),
            Some(_) => self.required(position, name, kind),
        }
    }

    /// A required value of a kind.
    pub(super) fn required<T: Deserialize<'a>>(&self, position: usize, name: &str, kind: &str) -> Result<T> {
        serde_json::from_str(self.json(position, name)?).map_err(|error| {
            Error::new(ErrorCode::ValidationError, format!("Parameter {name} must be {kind}"))
                .caused_by(error)
        })
    }
}
