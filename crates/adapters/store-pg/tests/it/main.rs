//! The contract suite on a PostgreSQL server of its own, and what only a server can do.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod connection;
mod server;

use std::sync::Arc;

use emdash_store::{PlatformStore, SiteStore};
use emdash_store_pg::{PgPlatformStore, PgSiteStore};
use server::Server;

async fn fresh_site() -> (Arc<dyn SiteStore>, Server) {
    let server = Server::shared();
    let store = PgSiteStore::connect(&server.fresh_database().await, "site_default").await.unwrap();
    (store, server)
}

async fn fresh_platform() -> (Arc<dyn PlatformStore>, Server) {
    let server = Server::shared();
    let store = PgPlatformStore::connect(&server.fresh_database().await).await.unwrap();
    (store, server)
}

emdash_store::site_contract!(fresh_site());
emdash_store::platform_contract!(fresh_platform());
