//! What handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use emdash_identity::IdentityService;
use emdash_types::{Ambient, Result};

/// One part of the server that must work for the server to be ready.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Its name, as in `/readyz`.
    fn name(&self) -> &'static str;

    /// Answers whether it works now.
    ///
    /// # Errors
    /// What is wrong with it.
    async fn check(&self) -> Result<()>;
}

/// The services behind the handlers. Cloning is cheap.
#[derive(Clone)]
pub struct AppState {
    /// Time, randomness, request ids.
    pub ambient: Ambient,
    /// Users, sessions, tokens.
    pub identity: IdentityService,
    /// What `/readyz` asks.
    pub readiness: Arc<[Arc<dyn Readiness>]>,
    /// Set when the server has begun to stop: it still answers, but is not ready any more.
    pub stopping: Arc<AtomicBool>,
}

impl AppState {
    /// Whether the server has begun to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
