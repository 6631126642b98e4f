//! The crate from outside: rendering judged by a real HTML parser, conversion and reading of a real export.

#[cfg(test)]
mod convert;
#[cfg(test)]
mod export;
#[cfg(test)]
mod render;
#[cfg(test)]
mod support;
#[cfg(test)]
mod xss;
