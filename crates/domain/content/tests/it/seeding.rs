//! The default site.

use emdash_content::seed::{SiteSeed, seed_byline, seed_default};
use emdash_types::Role;
use serde_json::json;

use crate::support::{Site, user_id};

#[tokio::test]
async fn seeding_again_changes_nothing() {
    let site = Site::new().await;
    let before = site.content.collections(&crate::support::admin()).await.unwrap();
    let other =
        SiteSeed { title: "Other".to_owned(), tagline: String::new(), url: "https://x.example".to_owned() };
    seed_default(&site.store, &site.ambient, &other).await.unwrap();
    site.content.forget_collections();
    assert_eq!(site.content.collections(&crate::support::admin()).await.unwrap(), before);
    let mut transaction = site.store.read().await.unwrap();
    assert_eq!(transaction.option_lookup("site:title").await.unwrap(), Some(json!("Site")));
    let url = transaction.option_lookup("emdash:site_url").await.unwrap();
    assert_eq!(url, Some(json!("https://site.example")));
    let taxonomies = transaction.taxonomy_list().await.unwrap();
    let found: Vec<_> =
        taxonomies.iter().map(|taxonomy| (taxonomy.name.as_str(), taxonomy.hierarchical)).collect();
    assert_eq!(found, [("category", true), ("tag", false)]);
}

#[tokio::test]
async fn a_user_gets_one_byline() {
    let site = Site::new().await;
    let user = site.store.read().await.unwrap().user_lookup(&user_id(Role::Admin)).await.unwrap().unwrap();
    let first = seed_byline(&site.store, &site.ambient, &user).await.unwrap();
    let second = seed_byline(&site.store, &site.ambient, &user).await.unwrap();
    assert_eq!((first.id.clone(), first.slug.as_str()), (second.id, "50"));
    let id = site.draft("posts", "T").await;
    let item =
        site.content.get(&crate::support::admin(), emdash_content::Target::new("posts", &id)).await.unwrap();
    let credits = item.item.credits.unwrap();
    assert_eq!(credits.byline.map(|byline| byline.id), Some(first.id));
}
