//! Schemas, processes and servers.

use emdash_store::SiteStore;
use emdash_store_pg::PgSiteStore;
use emdash_types::{ErrorCode, Secret};
use serde_json::json;
use tokio_postgres::NoTls;

use crate::server::Server;

async fn refusal(url: &Secret, schema: &str) -> emdash_types::Error {
    match PgSiteStore::connect(url, schema).await {
        Ok(_) => panic!("connected to {schema}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn sites_of_one_database_do_not_see_each_other() {
    let server = Server::shared();
    let url = server.fresh_database().await;
    let one = PgSiteStore::connect(&url, "site_one").await.unwrap();
    let two = PgSiteStore::connect(&url, "site_two").await.unwrap();
    let mut write = one.write().await.unwrap();
    write.option_set("a", &json!(1)).await.unwrap();
    // Another site's writer does not wait.
    let mut other = two.write().await.unwrap();
    assert_eq!(other.option_lookup("a").await.unwrap(), None);
    write.commit().await.unwrap();
    assert_eq!(other.option_lookup("a").await.unwrap(), None);
}

#[tokio::test]
async fn processes_that_start_at_once_migrate_once() {
    let server = Server::shared();
    let url = server.fresh_database().await;
    let stores = futures::future::join_all((0..4).map(|_| PgSiteStore::connect(&url, "site_default"))).await;
    for store in stores {
        assert_eq!(store.unwrap().read().await.unwrap().user_count().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let server = Server::shared();
    let url = server.fresh_database().await;
    drop(PgSiteStore::connect(&url, "site_default").await.unwrap());
    let (client, connection) = tokio_postgres::connect(url.expose(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let insert = "INSERT INTO site_default._emdash_migrations VALUES ('9999_future', 'x')";
    client.batch_execute(insert).await.unwrap();
    let error = refusal(&url, "site_default").await;
    assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
    assert!(error.message().contains("9999_future"), "{error}");
}

#[tokio::test]
async fn a_failed_statement_cannot_be_committed_away() {
    let (store, _server) = crate::fresh_site().await;
    let mut write = store.write().await.unwrap();
    write.option_set("a", &json!(1)).await.unwrap();
    let (page, entry) = (emdash_types::CollectionName::parse("missing").unwrap(), "x".into());
    assert!(write.entry_terms(&page, &[entry]).await.is_err());
    assert!(write.commit().await.is_err());
    assert_eq!(store.read().await.unwrap().option_lookup("a").await.unwrap(), None);
}

#[tokio::test]
async fn an_unreachable_server_and_a_bad_url_are_refused_without_the_password() {
    let unreachable = "host=/nonexistent user=x password=hunter2 dbname=x";
    for url in [unreachable, "postgres://x:hunter2@[", "hunter2=1"] {
        let error = refusal(&Secret::new(url.to_owned()), "site_default").await;
        assert_eq!(error.code(), ErrorCode::DatabaseUnusable, "{url}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let server = Server::shared();
    let error = refusal(&server.fresh_database().await, "a\"; DROP SCHEMA x").await;
    assert_eq!(error.code(), ErrorCode::DatabaseUnusable);
}
