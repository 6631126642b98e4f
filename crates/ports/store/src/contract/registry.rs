//! The marketplace.

use std::sync::Arc;

use emdash_types::{ErrorCode, PluginId};
use serde_json::json;

use super::Make;
use crate::registry::{Listing, ListingFilter, ListingOrder, Publisher, Release, ReleaseStatus};
use crate::{PlatformStore, PlatformTransaction};

fn publisher(make: &Make, email: &str) -> Publisher {
    Publisher {
        id: make.ambient.id(),
        name: "Ann".to_owned(),
        email: email.to_owned(),
        verified: true,
        created_at: make.instant(),
    }
}

fn listing(make: &Make, publisher: &Publisher, id: &str) -> Listing {
    let at = make.instant();
    Listing {
        id: PluginId::parse(id).unwrap(),
        publisher_id: publisher.id.clone(),
        name: format!("Name of {id}"),
        description: None,
        repository_url: Some("https://example.com/".to_owned()),
        homepage_url: None,
        license: Some("MIT".to_owned()),
        keywords: vec!["Größe".to_owned()],
        capabilities: vec!["content:read".to_owned()],
        install_count: 0,
        created_at: at,
        updated_at: at,
    }
}

fn release(make: &Make, listing: &Listing, version: &str, status: ReleaseStatus) -> Release {
    let at = make.instant();
    let public = matches!(status, ReleaseStatus::Published | ReleaseStatus::Flagged);
    Release {
        id: make.ambient.id(),
        plugin_id: listing.id.clone(),
        version: version.to_owned(),
        bundle_key: "bundles/x".to_owned(),
        bundle_size: 1234,
        checksum: "00".to_owned(),
        manifest: json!({"id": "x"}),
        readme: Some("# x".to_owned()),
        changelog: None,
        min_host_version: None,
        icon_key: None,
        screenshot_keys: vec!["s1".to_owned()],
        capabilities: vec!["content:read".to_owned()],
        status,
        review: None,
        created_at: at,
        published_at: public.then_some(at),
    }
}

async fn stored(make: &Make, write: &mut dyn PlatformTransaction, ids: &[&str]) -> Vec<Listing> {
    let ann = publisher(make, "ann@example.com");
    write.publisher_add(&ann).await.unwrap();
    let mut listings = Vec::new();
    for id in ids {
        let listing = listing(make, &ann, id);
        write.listing_add(&listing).await.unwrap();
        listings.push(listing);
    }
    listings
}

/// An address is unique; only the hash of a token is known.
pub async fn publishers_are_found_by_address_and_token(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let ann = publisher(&make, "ann@example.com");
    write.publisher_add(&ann).await.unwrap();
    write.publisher_token_add(&ann.id, "hash", make.instant()).await.unwrap();
    assert_eq!(write.publisher_lookup(&ann.id).await.unwrap().as_ref(), Some(&ann));
    assert_eq!(write.publisher_find_by_email("ann@example.com").await.unwrap().as_ref(), Some(&ann));
    assert_eq!(write.publisher_find_by_token("hash").await.unwrap().as_ref(), Some(&ann));
    assert_eq!(write.publisher_find_by_token("other").await.unwrap(), None);
    let error = write.publisher_add(&publisher(&make, "ann@example.com")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
}

/// The first one has it; changes keep the install count.
pub async fn a_plugin_id_belongs_to_one_publisher(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let mut listing = stored(&make, &mut *write, &["seo"]).await.remove(0);
    assert_eq!(write.listing_add(&listing).await.unwrap_err().code(), ErrorCode::PluginIdConflict);
    write.install_put(&listing.id, "site", "1.0.0", make.instant()).await.unwrap();
    listing.description = Some("New".to_owned());
    listing.keywords = vec![];
    write.listing_update(&listing).await.unwrap();
    listing.install_count = 1;
    assert_eq!(write.listing_lookup(&listing.id).await.unwrap(), Some(listing));
}

/// Whatever became of it.
pub async fn a_version_is_published_once(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let listing = stored(&make, &mut *write, &["seo"]).await.remove(0);
    let mut first = release(&make, &listing, "1.0.0", ReleaseStatus::Pending);
    write.release_add(&first).await.unwrap();
    let again = release(&make, &listing, "1.0.0", ReleaseStatus::Pending);
    assert_eq!(write.release_add(&again).await.unwrap_err().code(), ErrorCode::VersionExists);
    first.status = ReleaseStatus::Published;
    first.review = Some(json!({"verdict": "pass"}));
    first.published_at = Some(make.instant());
    write.release_decide(&first.id, first.status, first.review.as_ref(), first.published_at).await.unwrap();
    assert_eq!(write.release_find(&listing.id, "1.0.0").await.unwrap().as_ref(), Some(&first));
    assert_eq!(write.release_find(&listing.id, "2.0.0").await.unwrap(), None);
    let second = release(&make, &listing, "1.1.0", ReleaseStatus::Rejected);
    write.release_add(&second).await.unwrap();
    assert_eq!(write.release_list(&listing.id).await.unwrap(), [second, first]);
}

/// In the order asked for, narrowed by text and capability.
pub async fn only_listings_with_a_public_release_are_listed(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let mut listings = stored(&make, &mut *write, &["aaa", "bbb", "ccc", "ddd"]).await;
    let statuses =
        [ReleaseStatus::Published, ReleaseStatus::Flagged, ReleaseStatus::Pending, ReleaseStatus::Rejected];
    for (listing, status) in listings.iter().zip(statuses) {
        write.release_add(&release(&make, listing, "1.0.0", status)).await.unwrap();
    }
    listings[0].updated_at = make.instant();
    listings[0].capabilities = vec!["network:fetch:any".to_owned()];
    listings[0].description = Some("100% _useful_".to_owned());
    write.listing_update(&listings[0]).await.unwrap();
    write.install_put(&listings[1].id, "site", "1.0.0", make.instant()).await.unwrap();
    let text = |text: &str| ListingFilter { text: Some(text.to_owned()), ..ListingFilter::default() };
    let order = |order| ListingFilter { order, ..ListingFilter::default() };
    let able = |capability: &str| ListingFilter {
        capability: Some(capability.to_owned()),
        ..ListingFilter::default()
    };
    for (filter, expected) in [
        (order(ListingOrder::Installs), &["bbb", "aaa"][..]),
        (order(ListingOrder::Updated), &["aaa", "bbb"]),
        (order(ListingOrder::Created), &["bbb", "aaa"]),
        (order(ListingOrder::Name), &["aaa", "bbb"]),
        (text("NAME OF B"), &["bbb"]),
        (text("0% _USE"), &["aaa"]),
        (text("GRÖSSE"), &[]),
        (text("größe"), &["bbb", "aaa"]),
        (able("content:read"), &["bbb"]),
        (able("content"), &[]),
    ] {
        let found = write.listing_list(&filter, 0, 10).await.unwrap();
        assert!(found.iter().map(|found| found.id.as_str()).eq(expected.iter().copied()), "{filter:?}");
    }
    assert_eq!(write.listing_list(&ListingFilter::default(), 1, 1).await.unwrap()[0].id, listings[0].id);
}

/// Of each plugin, among those that are public.
pub async fn the_latest_release_is_the_last_published(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let listings = stored(&make, &mut *write, &["aaa", "bbb", "ccc"]).await;
    let mut expected = Vec::new();
    for listing in &listings[..2] {
        for (version, status) in [
            ("1.0.0", ReleaseStatus::Published),
            ("1.1.0", ReleaseStatus::Flagged),
            ("1.2.0", ReleaseStatus::Pending),
        ] {
            let release = release(&make, listing, version, status);
            write.release_add(&release).await.unwrap();
            if status == ReleaseStatus::Flagged {
                expected.push(release);
            }
        }
    }
    let ids: Vec<PluginId> = listings.into_iter().map(|listing| listing.id).collect();
    assert_eq!(write.release_latest(&ids).await.unwrap(), expected);
    assert!(write.release_latest(&[]).await.unwrap().is_empty());
}

/// However often it installs, and whatever version.
pub async fn a_site_counts_once(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let id = stored(&make, &mut *write, &["seo"]).await.remove(0).id;
    let at = make.instant();
    assert_eq!(write.install_put(&id, "one", "1.0.0", at).await.unwrap(), 1);
    assert_eq!(write.install_put(&id, "one", "1.1.0", at).await.unwrap(), 1);
    assert_eq!(write.install_put(&id, "two", "1.0.0", at).await.unwrap(), 2);
    let unknown = PluginId::parse("unknown").unwrap();
    let error = write.install_put(&unknown, "one", "1.0.0", at).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

/// Without `commit` nothing happened.
pub async fn dropping_a_platform_transaction_undoes_it(store: Arc<dyn PlatformStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let ann = publisher(&make, "ann@example.com");
    write.publisher_add(&ann).await.unwrap();
    drop(write);
    assert_eq!(store.read().await.unwrap().publisher_lookup(&ann.id).await.unwrap(), None);
    let mut write = store.write().await.unwrap();
    write.publisher_add(&ann).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().publisher_lookup(&ann.id).await.unwrap(), Some(ann));
    store.ping().await.unwrap();
}
