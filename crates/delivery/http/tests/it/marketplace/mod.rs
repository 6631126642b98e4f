//! The marketplace alone, without a site.

mod pages;
mod publish;
mod support;
mod wire;
