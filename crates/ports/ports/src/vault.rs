//! Secrets at rest (ruling 3).

use emdash_types::{Result, Secret};

/// Seals secrets under a key only this installation has.
///
/// A sealed text is bound to its name: what was sealed as one thing cannot be opened as another.
pub trait Vault: Send + Sync {
    /// Seals a secret; the same one comes out different every time.
    fn seal(&self, name: &str, secret: &Secret) -> Result<String>;

    /// Opens what [`Vault::seal`] made for this name.
    ///
    /// # Errors
    /// `SECRET_UNREADABLE` where it was sealed under another key or name, or was changed since.
    fn open(&self, name: &str, sealed: &str) -> Result<Secret>;
}
