#![doc = include_str!("../README.md")]

mod fields;
mod generation;
mod hooks;
pub mod import;
mod input;
mod item;
pub mod reading;
mod rev;
mod search;
pub mod seed;
mod service;
mod validate;

pub use generation::Generation;
pub use hooks::{ContentEvent, ContentHook, DeferredEvent, EVENT_JOB, HookSession, Hooks, NoHooks};
pub use input::{ContentPatch, CreditInput, ListQuery, NewContent, Target};
pub use item::{
    BylineSummary, Comparison, ContentItem, CreditItem, CreditSource, Credits, EntryTerms, ItemList,
    RevisedItem, RevisionItem, RevisionList, TermItem,
};
pub use rev::Rev;
pub use service::{ContentService, Sweep};

/// The locale of a site that never chose one.
pub const DEFAULT_LOCALE: &str = "en";
