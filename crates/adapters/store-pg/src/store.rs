//! The stores.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_store::{PlatformStore, PlatformTransaction, SiteStore, SiteTransaction};
use emdash_types::{Result, Secret};

use crate::database::Database;
use crate::migrations;

/// One site's data in a schema.
pub struct PgSiteStore {
    database: Database,
}

impl PgSiteStore {
    /// Connects, creates the schema where there is none, and applies the migrations it lacks.
    ///
    /// # Errors
    /// `DATABASE_UNUSABLE` when the server cannot be reached or the schema was written by a newer program.
    pub async fn connect(url: &Secret, schema: &str) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { database: Database::connect(url, schema, migrations::SITE).await? }))
    }
}

#[async_trait]
impl SiteStore for PgSiteStore {
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

/// The platform's data in the schema `platform`.
pub struct PgPlatformStore {
    database: Database,
}

impl PgPlatformStore {
    /// Connects, creates the schema where there is none, and applies the migrations it lacks.
    ///
    /// # Errors
    /// As [`PgSiteStore::connect`].
    pub async fn connect(url: &Secret) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { database: Database::connect(url, "platform", migrations::PLATFORM).await? }))
    }
}

#[async_trait]
impl PlatformStore for PgPlatformStore {
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
