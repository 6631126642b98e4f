//! What is read from a request before a handler sees it.

pub mod body;
mod caller;
mod page;
mod query;
pub mod request_id;

pub use body::{JsonBody, OptionalJsonBody};
pub use caller::{Authenticated, SESSION_COOKIE, csrf_refusal, has_csrf_header, identify};
pub use page::{CursorText, Limit};
pub use query::QueryOf;
