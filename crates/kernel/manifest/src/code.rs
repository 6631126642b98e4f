//! The code of a plugin, in one of the forms there are.

use std::sync::Arc;

/// What a bundle carries and a sandbox runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginCode {
    /// An ES module, `backend.js`.
    Module(Arc<str>),
    /// A Wasm component of the world `wit/next` (C36).
    Component(Arc<[u8]>),
}

impl PluginCode {
    /// An ES module.
    #[must_use]
    pub fn module(code: &str) -> Self {
        Self::Module(Arc::from(code))
    }

    /// The form, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Module(_) => "module",
            Self::Component(_) => "component",
        }
    }

    /// The code as a file has it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Module(code) => code.as_bytes(),
            Self::Component(component) => component,
        }
    }
}
