//! Content from elsewhere.
//!
//! An import stores through the same repositories as a save and validates what it stores, but it runs no plugin
//! hooks: it is one act of the operator, not thousands of saves by an editor. Search index and SEO rows are kept.
//! Everything that has no place here is named in the report.

mod report;
mod wordpress;

pub use report::{
    Effect, ImportNote, ImportProgress, ImportReport, ImportSource, ImportTotals, ItemReport, Outcome,
};
