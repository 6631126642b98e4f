#![doc = include_str!("../README.md")]

pub mod content;
#[cfg(feature = "contract")]
pub mod contract;
pub mod identity;
pub mod operations;
pub mod plugins;
pub mod registry;

use async_trait::async_trait;
use emdash_types::Result;

/// Everything a site's transaction offers. A service takes only the traits it names.
#[async_trait]
pub trait SiteTransaction:
    content::CollectionRepository
    + content::EntryRepository
    + content::RevisionRepository
    + content::TaxonomyRepository
    + content::BylineRepository
    + content::MediaRepository
    + content::SeoRepository
    + content::SearchRepository
    + identity::UserRepository
    + identity::TokenRepository
    + identity::SessionRepository
    + plugins::PluginStateRepository
    + plugins::ViolationRepository
    + plugins::PluginRequestRepository
    + plugins::CronRepository
    + plugins::RecordedCallRepository
    + operations::OptionRepository
    + operations::JobRepository
    + operations::AuditRepository
    + operations::ImportRepository
    + Send
{
    /// Makes the changes durable. Dropping the transaction instead rolls it back.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// One site's data.
#[async_trait]
pub trait SiteStore: Send + Sync {
    /// A read-only view.
    async fn read(&self) -> Result<Box<dyn SiteTransaction>>;

    /// A read-write transaction. Writers wait for each other, so nobody may open a second one while holding the first;
    /// no outside call may happen while one is open. After a refusal (a conflict) the transaction can go on; after any
    /// other failure of a statement it must be dropped.
    async fn write(&self) -> Result<Box<dyn SiteTransaction>>;

    /// Answers whether the database can be used now.
    async fn ping(&self) -> Result<()>;
}

/// Everything a platform transaction offers.
#[async_trait]
pub trait PlatformTransaction: registry::PublisherRepository + registry::ReleaseRepository + Send {
    /// Makes the changes durable. Dropping the transaction instead rolls it back.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// The platform's data: publishers, listings, releases, installs.
#[async_trait]
pub trait PlatformStore: Send + Sync {
    /// A read-only view.
    async fn read(&self) -> Result<Box<dyn PlatformTransaction>>;

    /// A read-write transaction.
    async fn write(&self) -> Result<Box<dyn PlatformTransaction>>;

    /// Answers whether the database can be used now.
    async fn ping(&self) -> Result<()>;
}
