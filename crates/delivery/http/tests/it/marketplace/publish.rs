use emdash_types::ErrorCode;
use http::StatusCode;
use serde_json::json;

use super::support::{Market, bundle, manifest};

#[tokio::test]
async fn a_published_release_is_answered_with_what_arrived() {
    let market = Market::new().await;
    let bytes = bundle(&manifest("seo-kit", "1.0.0"), &[]);
    let answer = market.upload("seo-kit", &format!("Bearer {}", market.token), "bundle", &bytes).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(
        answer.json(),
        json!({
            "version": "1.0.0",
            "bundleSize": bytes.len(),
            "checksum": emdash_manifest::Bundle::checksum(&bytes),
            "publishedAt": "2026-11-20T10:00:01.000Z",
            "status": "published",
        })
    );
}

#[tokio::test]
async fn only_a_publisher_token_may_write() {
    let market = Market::new().await;
    let missing = "Authorization header required";
    let invalid = "Invalid or expired token";
    for (token, words) in [
        ("", missing),
        ("Basic YTpi", missing),
        ("Bearer", missing),
        ("Bearer nonsense", invalid),
        ("Bearer ec_pub_nonsense", invalid),
        ("Bearer ec_pat_of_a_site", invalid),
    ] {
        let bytes = bundle(&manifest("seo-kit", "1.0.0"), &[]);
        for answer in [
            market.upload("seo-kit", token, "bundle", &bytes).await,
            market.write("POST", "/api/v1/plugins", token, &json!({"id": "x", "name": "X"})).await,
            market.write("PUT", "/api/v1/plugins/x", token, &json!({"name": "X"})).await,
        ] {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
            assert_eq!(answer.json()["error"], words, "{token}");
        }
    }
    assert_eq!(market.get("/api/v1/plugins/seo-kit").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_listing_is_registered_and_changed_by_its_publisher_alone() {
    let market = Market::new().await;
    let token = format!("Bearer {}", market.token);
    let form = json!({"id": "seo-kit", "name": "SEO", "capabilities": ["read:content"], "keywords": ["seo"]});
    let answer = market.write("POST", "/api/v1/plugins", &token, &form).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "id": "seo-kit",
      "name": "SEO",
      "description": null,
      "author_id": "01M7W6C380TW6K4PF4W75P6736",
      "repository_url": null,
      "homepage_url": null,
      "license": null,
      "capabilities": [
        "content:read"
      ],
      "keywords": [
        "seo"
      ],
      "install_count": 0,
      "created_at": "2026-11-20T10:00:01.000Z",
      "updated_at": "2026-11-20T10:00:01.000Z"
    }
    "#);
    let again = market.write("POST", "/api/v1/plugins", &token, &form).await;
    assert_eq!(
        (again.status, again.json()["error"].as_str()),
        (StatusCode::CONFLICT, Some("Plugin ID already exists"))
    );
    let wrong = market.write("POST", "/api/v1/plugins", &token, &json!({"id": "X", "name": ""})).await;
    assert_eq!(
        (wrong.status, wrong.json()["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("Validation error"))
    );
    assert_eq!(wrong.json()["details"].as_array().map(Vec::len), Some(2));

    let (_, eve) = market.registry.publisher_add("Eve", "eve@example.com").await.unwrap();
    let eve = format!("Bearer {}", eve.expose());
    let path = "/api/v1/plugins/seo-kit";
    let foreign = market.write("PUT", path, &eve, &json!({"name": "Mine"})).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(foreign.json()["error"], "Not authorized to update this plugin");
    let changed = market.write("PUT", path, &token, &json!({"description": "Titles."})).await;
    assert_eq!((changed.status, changed.json()["description"].as_str()), (StatusCode::OK, Some("Titles.")));
    assert_eq!(market.write("PUT", "/api/v1/plugins/other", &token, &json!({})).await.status.as_u16(), 404);

    let bytes = bundle(&manifest("seo-kit", "1.0.0"), &[]);
    assert_eq!(market.upload("seo-kit", &eve, "bundle", &bytes).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_bad_upload_says_what_is_wrong_and_leaves_nothing() {
    let market = Market::new().await;
    let token = format!("Bearer {}", market.token);
    assert_eq!(market.publish(&manifest("seo-kit", "1.0.0"), &[]).await.status, StatusCode::CREATED);
    let mut wider = manifest("seo-kit", "1.1.0");
    wider["capabilities"] = json!(["users:read"]);
    let cases = [
        ("bundle", b"garbage".to_vec(), 400, "BUNDLE_EXTRACT_FAILED"),
        ("bundle", Vec::new(), 400, "VALIDATION_ERROR"),
        ("file", bundle(&manifest("seo-kit", "1.1.0"), &[]), 400, "VALIDATION_ERROR"),
        ("bundle", bundle(&manifest("other", "1.1.0"), &[]), 400, "INVALID_BUNDLE"),
        ("bundle", bundle(&manifest("seo-kit", "one"), &[]), 400, "INVALID_MANIFEST"),
        ("bundle", vec![0; 2 * 1024 * 1024 + 1], 400, "INVALID_BUNDLE"),
        ("bundle", vec![0; 10 * 1024 * 1024 + 1], 413, "PAYLOAD_TOO_LARGE"),
        ("filler", vec![0; 11 * 1024 * 1024], 413, "PAYLOAD_TOO_LARGE"),
        ("bundle", bundle(&manifest("seo-kit", "1.0.0"), &[]), 409, "VERSION_EXISTS"),
        ("bundle", bundle(&manifest("seo-kit", "0.9.0"), &[]), 409, "VERSION_EXISTS"),
        ("bundle", bundle(&wider, &[]), 403, "CAPABILITY_ESCALATION"),
    ];
    for (field, bytes, status, code) in cases {
        let answer = market.upload("seo-kit", &token, field, &bytes).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{body}");
        if code == "VERSION_EXISTS" {
            assert_eq!(body["latestVersion"], "1.0.0");
        }
    }
    let versions = market.get("/api/v1/plugins/seo-kit/versions").await.json();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(1));
    let not_multipart = market.write("POST", "/api/v1/plugins/seo-kit/versions", &token, &json!({})).await;
    assert_eq!(not_multipart.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_rejection_names_its_reasons() {
    let market = Market::new().await;
    market
        .dry_run
        .refuse_next(ErrorCode::PluginStartFailed, "backend.js:1:1: ReferenceError: x is not defined");
    let answer = market.publish(&manifest("seo-kit", "1.0.0"), &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = answer.json();
    assert_eq!((body["status"].as_str(), body["code"].as_str()), (Some("rejected"), Some("AUDIT_FAILED")));
    assert!(body["error"].as_str().is_some_and(|words| words.contains("ReferenceError")), "{body}");
    assert_eq!(market.get("/api/v1/plugins").await.json()["items"], json!([]));

    market.dry_run.refuse_next(ErrorCode::Internal, "disk on fire");
    let fault = market.publish(&manifest("seo-kit", "1.0.1"), &[]).await;
    assert_eq!(fault.status, StatusCode::INTERNAL_SERVER_ERROR);
}
