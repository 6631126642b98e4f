//! Tests of the workspace itself.

mod architecture;
