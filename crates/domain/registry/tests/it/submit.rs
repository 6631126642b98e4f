use bytes::Bytes;
use emdash_registry::{Outcome, Review, release_manifest, screenshot_names};
use emdash_store::registry::{ListingFilter, ReleaseStatus};
use emdash_types::ErrorCode;
use serde_json::json;

use crate::support::{Market, bundle, bundle_with, id, manifest};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n rest";

#[tokio::test]
async fn the_first_release_claims_the_id_and_makes_the_listing() {
    let market = Market::new().await;
    let readme = b"# @scope/audit-log\n\nRecords every *save*.\n".as_slice();
    let bundle = bundle_with(
        &manifest("audit-log", "1.0.0", &["write:content"]),
        &[("README.md", readme), ("icon.png", PNG), ("screenshots/My shot.png", PNG)],
    );
    let release = market.registry.submit(&market.ada, "audit-log", bundle.clone()).await.unwrap();
    assert_eq!(release.status, ReleaseStatus::Published);
    assert_eq!(release.capabilities, ["content:read", "content:write"]);
    assert_eq!(screenshot_names(&release).collect::<Vec<_>>(), ["screenshot-0.png"]);
    assert!(release.bundle_key.contains(&release.checksum));
    assert_eq!(release_manifest(&release).unwrap().label(), "audit-log@1.0.0");

    let entry = market.registry.detail(&id("audit-log")).await.unwrap();
    assert_eq!(entry.listing.name, "Audit Log");
    assert_eq!(entry.listing.description.as_deref(), Some("Records every save."));
    assert_eq!(entry.publisher, market.ada);
    assert_eq!(entry.latest, Some(release.clone()));

    let download = market.registry.bundle(&id("audit-log"), "1.0.0").await.unwrap();
    assert_eq!((download.bytes, download.checksum), (bundle, release.checksum));
    let icon = market.registry.icon(&id("audit-log"), None).await.unwrap().unwrap();
    assert_eq!(icon.bytes, PNG);
    let shot = market.registry.screenshot(&id("audit-log"), "1.0.0", "screenshot-0.png").await.unwrap();
    assert_eq!(shot.content_type, "image/png");
    let other = market.registry.screenshot(&id("audit-log"), "1.0.0", "../bundle.tar.gz").await;
    assert_eq!(other.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_later_release_renews_what_it_speaks_of_and_leaves_the_rest() {
    let market = Market::new().await;
    let mut first = manifest("seo", "1.0.0", &[]);
    first["name"] = json!("SEO");
    first["description"] = json!("Titles for search engines.");
    market.submit(first).await.unwrap();
    let mut second = manifest("seo", "1.1.0", &[]);
    second["name"] = json!("SEO Kit");
    market.submit(second).await.unwrap();
    let entry = market.registry.detail(&id("seo")).await.unwrap();
    assert_eq!(entry.listing.name, "SEO Kit");
    assert_eq!(entry.listing.description.as_deref(), Some("Titles for search engines."));
    assert_eq!(entry.latest.unwrap().version, "1.1.0");
    let versions = market.registry.versions(&id("seo")).await.unwrap();
    assert_eq!(
        versions.iter().map(|release| release.version.as_str()).collect::<Vec<_>>(),
        ["1.1.0", "1.0.0"]
    );
}

#[tokio::test]
async fn nobody_publishes_under_another_publishers_id() {
    let market = Market::new().await;
    market.submit(manifest("seo", "1.0.0", &[])).await.unwrap();
    let (eve, _) = market.registry.publisher_add("Eve", "eve@example.com").await.unwrap();
    let error =
        market.registry.submit(&eve, "seo", bundle(&manifest("seo", "2.0.0", &[]))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::PluginIdConflict);
    assert_eq!(market.registry.versions(&id("seo")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_version_must_grow() {
    let market = Market::new().await;
    market.submit(manifest("seo", "1.2.0", &[])).await.unwrap();
    for (version, refused) in [("1.2.0", true), ("1.1.9", true), ("1.2.1", false), ("1.10.0", false)] {
        let result = market.submit(manifest("seo", version, &[])).await;
        match result {
            Err(error) => {
                assert!(refused, "{version}: {error}");
                assert_eq!(error.code(), ErrorCode::VersionExists);
                assert_eq!(error.details_value(), Some(&json!({"latestVersion": "1.2.0"})));
            }
            Ok(_) => assert!(!refused, "{version}"),
        }
    }
}

#[tokio::test]
async fn more_access_needs_a_new_major_version() {
    let market = Market::new().await;
    market.submit(manifest("seo", "1.0.0", &["content:read"])).await.unwrap();
    let error = market.submit(manifest("seo", "1.1.0", &["content:write"])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::CapabilityEscalation);
    assert_eq!(
        error.message(),
        "seo@1.1.0 asks for more access than 1.0.0 (content:write); that needs a new major version"
    );
    assert_eq!(error.hint_text(), Some("Publish it as 2.0.0, or leave the new access out."));

    let mut network = manifest("seo", "1.1.0", &["content:read", "network:request"]);
    network["allowedHosts"] = json!(["api.example.com"]);
    assert!(market.submit(network).await.unwrap_err().message().contains("host api.example.com"));
    let mut route = manifest("seo", "1.1.0", &["content:read"]);
    route["routes"] = json!([{"name": "feed", "public": true}]);
    assert!(market.submit(route).await.unwrap_err().message().contains("public route feed"));

    let release = market.submit(manifest("seo", "2.0.0", &["content:write"])).await.unwrap();
    let review = Review::of(&release).unwrap();
    assert!(review.checks.iter().any(|check| check.outcome == Outcome::Note && check.name == "access"));
    market.submit(manifest("seo", "2.0.1", &[])).await.unwrap();
}

#[tokio::test]
async fn what_the_marketplace_does_not_take_is_refused_before_anything_is_kept() {
    let market = Market::new().await;
    let cases = [
        ("seo", bundle(&manifest("other", "1.0.0", &[])), ErrorCode::InvalidBundle),
        ("my_seo", bundle(&manifest("my_seo", "1.0.0", &[])), ErrorCode::InvalidManifest),
        ("seo", bundle(&manifest("seo", "1.0.0-beta.1", &[])), ErrorCode::InvalidManifest),
        ("seo", bundle(&manifest("seo", "1.0.0", &["root"])), ErrorCode::InvalidManifest),
        ("seo", Bytes::from_static(b"no archive"), ErrorCode::BundleExtractFailed),
        ("seo", Bytes::new(), ErrorCode::BundleExtractFailed),
        ("seo", Bytes::from(vec![0; (2 << 20) + 1]), ErrorCode::InvalidBundle),
        (
            "seo",
            bundle_with(&manifest("seo", "1.0.0", &[]), &[("README.md", vec![b'a'; 300_000].as_slice())]),
            ErrorCode::InvalidBundle,
        ),
    ];
    for (plugin, bytes, code) in cases {
        let error = market.registry.submit(&market.ada, plugin, bytes).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(market.registry.detail(&id("seo")).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn code_that_does_not_run_is_kept_as_rejected_and_never_shown() {
    let market = Market::new().await;
    market.dry_run.refuse_next(ErrorCode::PluginStartFailed, "backend.js:1:8: SyntaxError");
    let release = market.submit(manifest("seo", "1.0.0", &[])).await.unwrap();
    assert_eq!((release.status, release.published_at), (ReleaseStatus::Rejected, None));
    let review = Review::of(&release).unwrap();
    assert_eq!(review.reasons().collect::<Vec<_>>(), ["The code does not run: backend.js:1:8: SyntaxError"]);

    let page = market.registry.list(&ListingFilter::default(), 0, 20).await.unwrap();
    assert!(page.items.is_empty());
    assert!(market.registry.versions(&id("seo")).await.unwrap().is_empty());
    assert_eq!(market.registry.bundle(&id("seo"), "1.0.0").await.unwrap_err().code(), ErrorCode::NoVersion);

    let again = market.submit(manifest("seo", "1.0.0", &[])).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::VersionExists);
    assert!(again.message().contains("rejected"));
    market.submit(manifest("seo", "1.0.1", &[])).await.unwrap();
}

#[tokio::test]
async fn a_rejected_update_leaves_the_listing_alone() {
    let market = Market::new().await;
    let mut first = manifest("seo", "1.0.0", &[]);
    first["name"] = json!("SEO");
    market.submit(first).await.unwrap();
    market.dry_run.refuse_next(ErrorCode::PluginCpuLimit, "used 500 ms of CPU");
    let mut second = manifest("seo", "2.0.0", &["content:write"]);
    second["name"] = json!("Trojan");
    market.submit(second).await.unwrap();
    let entry = market.registry.detail(&id("seo")).await.unwrap();
    assert_eq!((entry.listing.name.as_str(), entry.listing.capabilities.len()), ("SEO", 0));
}

#[tokio::test]
async fn a_sandbox_that_cannot_work_is_nobodys_fault() {
    let market = Market::new().await;
    market.dry_run.refuse_next(ErrorCode::SandboxNotAvailable, "The plugin engine is not ready.");
    let error = market.submit(manifest("seo", "1.0.0", &[])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SandboxNotAvailable);
    market.submit(manifest("seo", "1.0.0", &[])).await.unwrap();
}
