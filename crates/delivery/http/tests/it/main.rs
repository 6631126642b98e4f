//! The server through its router.

mod marketplace;
