//! What a plugin may do on this site, and what an administrator agreed to.

use std::collections::BTreeSet;

use emdash_manifest::{CapabilitySet, HostPattern, Manifest};
use serde::{Deserialize, Serialize};

/// What a plugin asks for, or what it was granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Access {
    /// Capabilities, closed under implication.
    pub capabilities: CapabilitySet,
    /// Hosts it may send requests to.
    pub hosts: BTreeSet<HostPattern>,
}

impl Access {
    /// What a manifest asks for.
    #[must_use]
    pub fn asked_by(manifest: &Manifest) -> Self {
        Self {
            capabilities: manifest.capabilities.clone(),
            hosts: manifest.allowed_hosts.iter().cloned().collect(),
        }
    }

    /// Whether it is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.capabilities.is_empty() && self.hosts.is_empty()
    }
}

/// What the caller of an installation agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing was said. Enough for a plugin that asks for nothing, and from a browser session, whose dialogue
    /// showed what the marketplace lists, for exactly that (decision 0004).
    NotGiven,
    /// Whatever the bundle asks for: `confirm: true`, `--yes`.
    Everything,
    /// Exactly this.
    Exactly(Access),
}
