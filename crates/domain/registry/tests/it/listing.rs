use emdash_registry::{ListingChange, NewListing};
use emdash_types::{ErrorCode, Secret};

use crate::support::{Market, id, manifest};

#[tokio::test]
async fn a_token_names_its_publisher_and_nothing_else_does() {
    let market = Market::new().await;
    let (eve, token) = market.registry.publisher_add(" Eve ", "Eve@Example.com").await.unwrap();
    assert!(token.expose().starts_with("ec_pub_"));
    assert_eq!((eve.name.as_str(), eve.email.as_str()), ("Eve", "eve@example.com"));
    assert_eq!(market.registry.publisher_by_token(&token).await.unwrap(), eve);
    let (_, second) = market.registry.publisher_token_issue("EVE@example.com").await.unwrap();
    assert_eq!(market.registry.publisher_by_token(&second).await.unwrap(), eve);
    for wrong in ["", "ec_pub_", "ec_pat_x", &token.expose()[..20]] {
        let error = market.registry.publisher_by_token(&Secret::new(wrong.to_owned())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidToken, "{wrong}");
    }
    let taken = market.registry.publisher_add("Eve", "eve@example.com").await.unwrap_err();
    assert_eq!(taken.code(), ErrorCode::Conflict);
    for (name, email) in [("", "a@b"), ("Eve", "nobody"), ("Eve", "a@b@c"), ("E\nve", "a@b")] {
        let error = market.registry.publisher_add(name, email).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ValidationError);
    }
}

fn new(id: &str) -> NewListing {
    NewListing { id: id.to_owned(), name: "SEO".to_owned(), ..NewListing::default() }
}

#[tokio::test]
async fn a_registered_id_is_its_publishers_alone() {
    let market = Market::new().await;
    let listing = market.registry.listing_register(&market.ada, new("seo")).await.unwrap();
    assert_eq!(listing.publisher_id, market.ada.id);
    let (eve, _) = market.registry.publisher_add("Eve", "eve@example.com").await.unwrap();
    let error = market.registry.listing_register(&eve, new("seo")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::PluginIdConflict);
    let change = ListingChange { name: Some("Mine".to_owned()), ..ListingChange::default() };
    let error = market.registry.listing_update(&eve, &id("seo"), change.clone()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    let changed = market.registry.listing_update(&market.ada, &id("seo"), change).await.unwrap();
    assert_eq!(changed.name, "Mine");
    market.submit(manifest("seo", "1.0.0", &[])).await.unwrap();
    assert_eq!(market.registry.detail(&id("seo")).await.unwrap().listing.name, "Mine");
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let market = Market::new().await;
    let wrong = NewListing {
        id: "My_Plugin".to_owned(),
        name: " ".to_owned(),
        description: Some("x".repeat(201)),
        repository_url: Some("javascript:alert(1)".to_owned()),
        homepage_url: Some("data:text/html,x".to_owned()),
        license: Some("x".repeat(65)),
        capabilities: vec!["content:read".to_owned(), "root".to_owned()],
        keywords: vec!["k".repeat(51)],
    };
    let error = market.registry.listing_register(&market.ada, wrong).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ValidationError);
    let issues = error.details_value().unwrap()["issues"].as_array().unwrap();
    let paths: Vec<_> = issues.iter().map(|issue| issue["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "id",
            "capabilities[1]",
            "name",
            "description",
            "repositoryUrl",
            "homepageUrl",
            "license",
            "keywords[0]"
        ]
    );
}
