//! The stores.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use emdash_store::{PlatformStore, PlatformTransaction, SiteStore, SiteTransaction};
use emdash_types::Result;

use crate::database::Database;
use crate::migrations;

/// One site's data in a file.
pub struct SqliteSiteStore {
    database: Database,
}

impl SqliteSiteStore {
    /// Opens the file, creating it where there is none, and applies the migrations it lacks.
    ///
    /// # Errors
    /// `DATABASE_UNUSABLE` when the file is damaged, is no database, cannot be opened or was written by a newer program.
    pub fn open(path: &Path) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { database: Database::open(path, migrations::SITE)? }))
    }
}

#[async_trait]
impl SiteStore for SqliteSiteStore {
    async fn read(&self) -> Result<Box<dyn SiteTransaction>> {
        Ok(Box::new(self.database.read().await?))
    }

    async fn write(&self) -> Result<Box<dyn SiteTransaction>> {
        Ok(Box::new(self.database.write().await?))
    }

    async fn ping(&self) -> Result<()> {
        self.database.ping().await
    }
}

/// The platform's data in a file.
pub struct SqlitePlatformStore {
    database: Database,
}

impl SqlitePlatformStore {
    /// Opens the file, creating it where there is none, and applies the migrations it lacks.
    ///
    /// # Errors
    /// As [`SqliteSiteStore::open`].
    pub fn open(path: &Path) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { database: Database::open(path, migrations::PLATFORM)? }))
    }
}

#[async_trait]
impl PlatformStore for SqlitePlatformStore {
    async fn read(&self) -> Result<Box<dyn PlatformTransaction>> {
        Ok(Box::new(self.database.read().await?))
    }

    async fn write(&self) -> Result<Box<dyn PlatformTransaction>> {
        Ok(Box::new(self.database.write().await?))
    }

    async fn ping(&self) -> Result<()> {
        self.database.ping().await
    }
}
