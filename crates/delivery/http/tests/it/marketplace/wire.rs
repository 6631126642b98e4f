use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::support::{Market, PNG, manifest};

async fn market() -> Market {
    let market = Market::new().await;
    let mut seo = manifest("seo-kit", "1.2.0");
    seo["name"] = json!("SEO Kit");
    seo["description"] = json!("Titles and descriptions for search engines.");
    seo["capabilities"] = json!(["write:content", "network:request"]);
    seo["allowedHosts"] = json!(["api.example.com"]);
    seo["keywords"] = json!(["seo"]);
    seo["license"] = json!("MIT");
    seo["repositoryUrl"] = json!("https://git.example/seo-kit");
    seo["changelog"] = json!("Faster.");
    seo["minEmDashVersion"] = json!("0.1.0");
    let files = [("README.md", b"# SEO Kit".as_slice()), ("icon.png", PNG), ("screenshots/a b.png", PNG)];
    assert_eq!(market.publish(&seo, &files).await.status, StatusCode::CREATED);
    assert_eq!(market.publish(&manifest("plain", "0.1.0"), &[]).await.status, StatusCode::CREATED);
    market
}

/// Without what a newer compressor changes.
fn facts(mut value: Value) -> Value {
    for holder in ["/latestVersion", "/items/0"] {
        if let Some(release) = value.pointer_mut(holder) {
            assert_eq!(release["checksum"].as_str().map(str::len), Some(64));
            release["checksum"] = json!("[sha256]");
            release["bundleSize"] = json!("[size]");
        }
    }
    value
}

#[tokio::test]
async fn the_list_has_the_contracts_shape() {
    let market = market().await;
    let first = market.get("/api/v1/plugins?sort=name&limit=1").await.json();
    insta::assert_json_snapshot!(first, @r#"
    {
      "items": [
        {
          "id": "plain",
          "name": "Plain",
          "description": null,
          "author": {
            "name": "Ada",
            "verified": false,
            "avatarUrl": null
          },
          "capabilities": [],
          "keywords": [],
          "installCount": 0,
          "hasIcon": false,
          "iconUrl": "https://plugins.example/api/v1/plugins/plain/icon",
          "latestVersion": {
            "version": "0.1.0",
            "audit": {
              "verdict": "pass",
              "riskScore": 0
            }
          },
          "createdAt": "2026-11-20T10:00:02.000Z",
          "updatedAt": "2026-11-20T10:00:02.000Z"
        }
      ],
      "nextCursor": "MQ=="
    }
    "#);
    let second = market.get("/api/v1/plugins?sort=name&limit=1&cursor=MQ==").await.json();
    insta::assert_json_snapshot!(second, @r#"
    {
      "items": [
        {
          "id": "seo-kit",
          "name": "SEO Kit",
          "description": "Titles and descriptions for search engines.",
          "author": {
            "name": "Ada",
            "verified": false,
            "avatarUrl": null
          },
          "capabilities": [
            "content:read",
            "content:write",
            "network:request"
          ],
          "keywords": [
            "seo"
          ],
          "installCount": 0,
          "hasIcon": true,
          "iconUrl": "https://plugins.example/api/v1/plugins/seo-kit/icon",
          "latestVersion": {
            "version": "1.2.0",
            "audit": {
              "verdict": "pass",
              "riskScore": 0
            }
          },
          "createdAt": "2026-11-20T10:00:01.000Z",
          "updatedAt": "2026-11-20T10:00:01.000Z"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_list_is_found_by_text_and_ability_and_never_fails_on_nonsense() {
    let market = market().await;
    for (query, found) in [
        ("", vec!["plain", "seo-kit"]),
        ("?q=ENGINES", vec!["seo-kit"]),
        ("?q=nothing", vec![]),
        ("?capability=content:write", vec!["seo-kit"]),
        ("?capability=write:content", vec!["seo-kit"]),
        ("?capability=made:up", vec![]),
        ("?sort=sideways&limit=many&cursor=!!&category=x", vec!["plain", "seo-kit"]),
        ("?limit=1&limit=2&sort=name", vec!["plain", "seo-kit"]),
        ("?cursor=OTk5OTk5OTk5OTk5OTk5OTk5", vec![]),
    ] {
        let answer = market.get(&format!("/api/v1/plugins{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        let value = answer.json();
        let ids: Vec<_> =
            value["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, found, "{query}");
    }
}

#[tokio::test]
async fn detail_versions_and_audit_have_the_contracts_shape() {
    let market = market().await;
    insta::assert_json_snapshot!(facts(market.get("/api/v1/plugins/seo-kit").await.json()), @r##"
    {
      "id": "seo-kit",
      "name": "SEO Kit",
      "description": "Titles and descriptions for search engines.",
      "author": {
        "id": "01M7W6C380TW6K4PF4W75P6736",
        "name": "Ada",
        "verified": false,
        "avatarUrl": null
      },
      "capabilities": [
        "content:read",
        "content:write",
        "network:request"
      ],
      "keywords": [
        "seo"
      ],
      "repositoryUrl": "https://git.example/seo-kit",
      "homepageUrl": null,
      "license": "MIT",
      "hasIcon": true,
      "iconUrl": "https://plugins.example/api/v1/plugins/seo-kit/icon",
      "installCount": 0,
      "latestVersion": {
        "version": "1.2.0",
        "minEmDashVersion": "0.1.0",
        "bundleSize": "[size]",
        "checksum": "[sha256]",
        "changelog": "Faster.",
        "readme": "# SEO Kit",
        "hasIcon": true,
        "screenshotCount": 1,
        "screenshotUrls": [
          "https://plugins.example/api/v1/plugins/seo-kit/versions/1.2.0/screenshots/screenshot-0.png"
        ],
        "capabilities": [
          "content:read",
          "content:write",
          "network:request"
        ],
        "status": "published",
        "audit": {
          "verdict": "pass",
          "riskScore": 0
        },
        "publishedAt": "2026-11-20T10:00:01.000Z"
      },
      "createdAt": "2026-11-20T10:00:01.000Z",
      "updatedAt": "2026-11-20T10:00:01.000Z"
    }
    "##);
    insta::assert_json_snapshot!(facts(market.get("/api/v1/plugins/plain/versions").await.json()), @r#"
    {
      "items": [
        {
          "version": "0.1.0",
          "minEmDashVersion": null,
          "bundleSize": "[size]",
          "checksum": "[sha256]",
          "changelog": null,
          "capabilities": [],
          "status": "published",
          "auditVerdict": "pass",
          "imageAuditVerdict": null,
          "publishedAt": "2026-11-20T10:00:02.000Z"
        }
      ]
    }
    "#);
    let audit = market.get("/api/v1/plugins/plain/versions/0.1.0/audit").await.json();
    assert_eq!(
        (&audit["verdict"], &audit["risk_score"], &audit["findings"]),
        (&json!("pass"), &json!(0), &json!("[]"))
    );
    assert!(
        audit["summary"].as_str().is_some_and(|text| text.contains("The code starts within its budgets"))
    );
}

#[tokio::test]
async fn a_bundle_comes_with_its_checksum_and_is_cached_for_good() {
    let market = market().await;
    let path = "/api/v1/plugins/plain/versions/0.1.0/bundle";
    let answer = market.get(path).await;
    let checksum = emdash_manifest::Bundle::checksum(&answer.body);
    assert_eq!(answer.header("content-type"), "application/gzip");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"plain-0.1.0.tar.gz\"");
    assert_eq!(answer.header("x-checksum-sha256"), checksum);
    assert_eq!(answer.header("etag"), format!("\"{checksum}\""));
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let again = Request::get(path).header(header::IF_NONE_MATCH, format!("\"{checksum}\""));
    let again = market.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn images_are_served_as_images_and_a_letter_stands_in() {
    let market = market().await;
    let icon = market.get("/api/v1/plugins/seo-kit/icon?w=64").await;
    assert_eq!((icon.header("content-type"), icon.body.as_ref()), ("image/png", PNG));
    let shots = market.get("/api/v1/plugins/seo-kit").await.json()["latestVersion"]["screenshotUrls"].clone();
    let shot = market.get(shots[0].as_str().unwrap().strip_prefix("https://plugins.example").unwrap()).await;
    assert_eq!((shot.header("content-type"), shot.body.as_ref()), ("image/png", PNG));
    let letter = market.get("/api/v1/plugins/plain/icon?w=9999").await;
    assert_eq!(letter.header("content-type"), "image/svg+xml");
    assert!(letter.text().contains("width=\"256\"") && letter.text().contains(">P</text>"));
    let of_version = market.get("/api/v1/plugins/plain/versions/0.1.0/icon").await;
    assert!(of_version.header("cache-control").contains("immutable"));
    for (path, status) in [
        ("/api/v1/plugins/nope/icon", 404),
        ("/api/v1/plugins/seo-kit/versions/1.2.0/screenshots/..%2Fbundle.tar.gz", 400),
        ("/api/v1/plugins/seo-kit/versions/1.2.0/screenshots/other.png", 404),
    ] {
        assert_eq!(market.get(path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_contracts_words() {
    let market = market().await;
    for (path, status, words) in [
        ("/api/v1/plugins/nope", 404, "Plugin not found"),
        ("/api/v1/plugins/No%20Id", 404, "Plugin not found"),
        ("/api/v1/plugins/nope/versions", 404, "Plugin not found"),
        ("/api/v1/plugins/plain/versions/9.9.9/bundle", 404, "Version not found"),
        ("/api/v1/plugins/plain/versions/0.1.0/image-audit", 404, "No image audit result available"),
        ("/api/v1/nothing", 404, "Not found"),
    ] {
        let answer = market.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["error"].as_str().unwrap()),
            (status, words),
            "{path}"
        );
        assert_eq!(answer.json().get("success"), None);
    }
    let wrong = market.write("DELETE", "/api/v1/plugins/plain", "", &json!({})).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(market.get("/health").await.json(), json!({"status": "ok"}));
}

#[tokio::test]
async fn a_browser_of_any_origin_may_ask() {
    let market = market().await;
    let preflight = Request::options("/api/v1/plugins/plain")
        .header(header::ORIGIN, "https://site.example")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization");
    let answer = market.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    assert_eq!(answer.header("access-control-allow-headers"), "content-type,authorization");
}

#[tokio::test]
async fn an_install_is_reported_without_signing_in() {
    let market = market().await;
    let report = json!({"siteHash": "0123456789abcdef", "version": "0.1.0"});
    for _ in 0..2 {
        let answer = market.write("POST", "/api/v1/plugins/plain/installs", "", &report).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"ok": true})));
    }
    assert_eq!(market.get("/api/v1/plugins/plain").await.json()["installCount"], 1);
    for (body, status) in [
        (json!({"version": "0.1.0"}), 400),
        (json!({"siteHash": "", "version": "0.1.0"}), 400),
        (json!({"siteHash": "x", "version": "9.9.9"}), 404),
    ] {
        let answer = market.write("POST", "/api/v1/plugins/plain/installs", "", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
    }
    let mut last = StatusCode::OK;
    for _ in 0..200 {
        let answer = market.write("POST", "/api/v1/plugins/plain/installs", "", &report).await;
        last = answer.status;
        if last != StatusCode::OK {
            assert_eq!(answer.header("retry-after"), "60");
            break;
        }
        market.clock.advance_millis(-1000);
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
