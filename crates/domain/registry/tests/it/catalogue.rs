use emdash_store::registry::{ListingFilter, ListingOrder};
use emdash_types::ErrorCode;

use crate::support::{Market, id, manifest};

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let market = Market::new().await;
    for number in 0..5 {
        market.submit(manifest(&format!("plugin-{number}"), "1.0.0", &[])).await.unwrap();
    }
    let filter = ListingFilter { order: ListingOrder::Name, ..ListingFilter::default() };
    let mut seen = Vec::new();
    let mut offset = Some(0);
    while let Some(from) = offset {
        let page = market.registry.list(&filter, from, 2).await.unwrap();
        seen.extend(page.items.iter().map(|entry| entry.listing.id.to_string()));
        offset = page.next;
    }
    assert_eq!(seen, ["plugin-0", "plugin-1", "plugin-2", "plugin-3", "plugin-4"]);
    let beyond = market.registry.list(&filter, u64::MAX, 2).await.unwrap();
    assert!(beyond.items.is_empty() && beyond.next.is_none());
}

#[tokio::test]
async fn a_site_counts_once_per_plugin_however_often_it_reports() {
    let market = Market::new().await;
    market.submit(manifest("seo", "1.0.0", &[])).await.unwrap();
    let plugin = id("seo");
    for (site, count) in [("a", 1), ("a", 1), ("b", 2)] {
        assert_eq!(market.registry.report_install(&plugin, site, "1.0.0", "10.0.0.1").await.unwrap(), count);
    }
    assert_eq!(market.registry.detail(&plugin).await.unwrap().listing.install_count, 2);
    for (plugin, site, version, code) in [
        ("seo", "", "1.0.0", ErrorCode::ValidationError),
        ("seo", &*"s".repeat(129), "1.0.0", ErrorCode::ValidationError),
        ("seo", "c", "9.9.9", ErrorCode::NoVersion),
        ("nope", "c", "1.0.0", ErrorCode::NotFound),
    ] {
        let error = market.registry.report_install(&id(plugin), site, version, "10.0.0.2").await.unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn a_flood_of_reports_from_one_address_is_stopped() {
    let market = Market::new().await;
    market.submit(manifest("seo", "1.0.0", &[])).await.unwrap();
    let mut refused = None;
    for site in 0..1000 {
        let result = market.registry.report_install(&id("seo"), &site.to_string(), "1.0.0", "10.0.0.1").await;
        if let Err(error) = result {
            refused = Some(error.code());
            break;
        }
    }
    assert_eq!(refused, Some(ErrorCode::RateLimited));
    market.registry.report_install(&id("seo"), "x", "1.0.0", "10.0.0.2").await.unwrap();
}
