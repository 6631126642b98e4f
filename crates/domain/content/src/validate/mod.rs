//! Judges field values (CMS contract §3.17), whoever they come from: a client, a plugin's hook, a plugin's call.

mod media;
mod rules;
mod value;

use emdash_store::content::{Collection, Field, FieldKind};
use emdash_types::{EntryId, Error, ErrorCode, JsonMap, Result};
use serde_json::Value;

/// Whether every field is expected or only the changed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A new entry: required fields must be there, defaults fill in.
    Full,
    /// A change: what is absent stays.
    Partial,
}

/// What is wrong, one line each; joined into one refusal.
#[derive(Default)]
pub(crate) struct Problems(Vec<String>);

/// Most problems named in one refusal.
const MAX_PROBLEMS: usize = 50;

impl Problems {
    fn add(&mut self, path: &str, text: impl std::fmt::Display) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(format!("{path}: {text}"));
        }
    }

    fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::ValidationError, self.0.join("; ")))
    }
}

/// A reference whose target must exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The field.
    pub field: String,
    /// The collection it points into.
    pub collection: String,
    /// The entry it names.
    pub id: EntryId,
}

/// Checks a field map and brings it into its stored form: booleans as 0 and 1, media objects without unknown
/// keys, defaults filled in. Returns the references that are left to be checked against the store.
///
/// # Errors
/// `VALIDATION_ERROR`; the message joins every problem as `<path>: <text>`.
pub(crate) fn validate(
    collection: &Collection,
    data: &mut JsonMap,
    extent: Extent,
) -> Result<Vec<Reference>> {
    let mut problems = Problems::default();
    for name in data.keys().filter(|name| collection.field(name).is_none()) {
        problems.add(name, format_args!("unknown field on collection '{}'", collection.name));
    }
    let mut references = Vec::new();
    for field in &collection.fields {
        let name = field.slug.as_str();
        match data.get_mut(name) {
            None if extent == Extent::Partial => {}
            None => match &field.default_value {
                Some(default) => {
                    data.insert(name.to_owned(), default.clone());
                }
                None if field.required => problems.add(name, "is required"),
                None => {}
            },
            Some(Value::Null) if !field.required => {}
            Some(value) => {
                check_required(field, value, &mut problems);
                value::check(field.kind, &field.validation, name, value, &mut problems);
                references.extend(reference(field, value));
            }
        }
    }
    problems.into_result()?;
    Ok(references)
}

fn check_required(field: &Field, value: &Value, problems: &mut Problems) {
    if field.required && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        problems.add(field.slug.as_str(), "is required and must not be empty");
    }
}

fn reference(field: &Field, value: &Value) -> Option<Reference> {
    if field.kind != FieldKind::Reference {
        return None;
    }
    let id = value.as_str().filter(|id| !id.is_empty())?;
    let collection = field.options.get("collection").and_then(Value::as_str)?;
    Some(Reference {
        field: field.slug.as_str().to_owned(),
        collection: collection.to_owned(),
        id: EntryId::from(id),
    })
}

#[cfg(test)]
mod tests;
