//! A counter that moves whenever public content may have changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Shared by writers and caches: a cached page is valid while the number it was made under is current.
/// Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Generation(Arc<AtomicU64>);

impl Generation {
    /// The current number. To be read *before* the data that is cached under it.
    #[must_use]
    pub fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Declares everything cached so far outdated.
    pub fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
