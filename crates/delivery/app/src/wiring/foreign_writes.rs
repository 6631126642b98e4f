//! Notices that another process, such as an import, wrote to the site, and outdates what is cached here.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use emdash_content::Generation;
use emdash_jobs::PeriodicTask;
use emdash_store::SiteStore;
use emdash_types::{Ambient, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// Changes whenever another process is done writing.
const MARK: &str = "emdash:written_by_command";

/// Leaves the mark.
///
/// # Errors
/// When the store cannot be written.
pub(crate) async fn leave_mark(store: &dyn SiteStore, ambient: &Ambient) -> Result<()> {
    let mut transaction = store.write().await?;
    transaction.option_set(MARK, &json!(ambient.ulid())).await?;
    transaction.commit().await
}

pub(crate) struct ForeignWrites {
    store: Arc<dyn SiteStore>,
    generation: Generation,
    seen: Mutex<Option<Value>>,
}

impl ForeignWrites {
    pub(crate) fn new(store: Arc<dyn SiteStore>, generation: Generation) -> Self {
        Self { store, generation, seen: Mutex::new(None) }
    }
}

#[async_trait]
impl PeriodicTask for ForeignWrites {
    fn name(&self) -> &'static str {
        "foreign writes"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run(&self) -> Result<()> {
        let mark = self.store.read().await?.option_lookup(MARK).await?;
        let changed = {
            let mut seen = self.seen.lock();
            let changed = *seen != mark;
            *seen = mark;
            changed
        };
        if changed {
            self.generation.advance();
        }
        Ok(())
    }
}
