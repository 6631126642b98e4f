//! Any host call by its name, and several side by side. An import waits for its answer; only calls made with [`all`]
//! overlap.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::emdash::plugin::host;
pub use crate::bindings::emdash::plugin::host::Request;
use crate::{Failure, read, write};

/// A host call to be made: its name and a JSON array of arguments, as a JavaScript plugin's `ctx` has them.
///
/// # Errors
/// Where the arguments have no JSON form.
pub fn request(name: &str, arguments: &impl Serialize) -> Result<Request, Failure> {
    Ok(Request { name: name.to_owned(), arguments: write(arguments)? })
}

/// Makes one host call, such as `taxonomies.getAll`.
///
/// # Errors
/// A refusal, or an answer that is no `T`.
pub fn call<T: DeserializeOwned>(name: &str, arguments: &impl Serialize) -> Result<T, Failure> {
    read(&host::call(&request(name, arguments)?)?)
}

/// Makes several host calls side by side, at most 64; answers in their order.
#[must_use]
pub fn all<T: DeserializeOwned>(requests: &[Request]) -> Vec<Result<T, Failure>> {
    let answers = host::all(requests).into_iter();
    answers.map(|answer| answer.map_err(Failure::from).and_then(|json| read(&json))).collect()
}
