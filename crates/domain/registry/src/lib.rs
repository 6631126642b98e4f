#![doc = include_str!("../README.md")]

mod artifact;
mod catalogue;
mod install;
mod listing;
mod publisher;
mod readme;
mod service;
mod submit;
#[cfg(feature = "testing")]
pub mod testing;

pub use artifact::{Download, Image, screenshot_names};
pub use catalogue::{CatalogueEntry, CataloguePage, release_manifest};
pub use listing::{ListingChange, NewListing};
pub use service::{RegistryParts, RegistryService};
pub use submit::{Check, DryRun, ModuleReport, Outcome, Review};
