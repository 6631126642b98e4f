//! What is read from a request before a handler sees it.

mod body;
mod caller;
mod query;
pub mod request_id;

pub use body::{JsonBody, OptionalJsonBody};
pub use caller::{Authenticated, MaybeAuthenticated, SESSION_COOKIE};
pub use query::QueryOf;
