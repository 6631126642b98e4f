//! The marketplace through its service.

mod catalogue;
mod listing;
mod submit;
mod support;
