use http::StatusCode;
use serde_json::{Value, json};

use super::support::{Answer, Market, PNG, manifest};

fn rich(id: &str) -> Value {
    let mut value = manifest(id, "1.0.0");
    value["name"] = json!("SEO Kit");
    value["description"] = json!("Titles and descriptions for search engines.");
    value["capabilities"] = json!(["content:write", "network:request"]);
    value["allowedHosts"] = json!(["api.example.com"]);
    value["license"] = json!("MIT");
    value["minEmDashVersion"] = json!("0.1.0");
    value
}

fn assert_page(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    let html = answer.text();
    assert_eq!(html.matches("<h1").count(), 1, "one main heading");
    assert!(html.contains("<html lang=\"en\">") && html.contains("<main id=\"main\""));
    html
}

#[tokio::test]
async fn an_empty_marketplace_says_how_to_begin_and_an_empty_search_how_to_go_on() {
    let market = Market::new().await;
    assert!(assert_page(&market.get("/marketplace").await).contains("No plugins yet"));
    let html = assert_page(&market.get("/marketplace?q=%3Cscript%3Ealert(1)%3C/script%3E").await);
    assert!(html.contains("Nothing matches") && html.contains("Show all plugins"));
    assert!(!html.contains("<script"));
    assert!(html.contains("value=\"&lt;script&gt;alert(1)&lt;/script&gt;\""));
}

#[tokio::test]
async fn a_plugin_is_found_opened_and_understood() {
    let market = Market::new().await;
    let readme = b"# SEO Kit\n\nWrites *good* titles.\n\n## Use\n\nSwitch it on.".as_slice();
    market.publish(&rich("seo-kit"), &[("README.md", readme), ("screenshots/a.png", PNG)]).await;
    let list =
        assert_page(&market.get("/marketplace?q=search+engines&capability=content:write&sort=name").await);
    assert!(list.contains("href=\"/marketplace/seo-kit\""));
    assert!(list.contains("<option value=\"content:write\" selected>"));
    assert!(list.contains("Writes content") && !list.contains("Reads content</li>"));

    let answer = market.get("/marketplace/seo-kit").await;
    let html = assert_page(&answer);
    for wanted in [
        "Create, change and delete your content",
        "these hosts: api.example.com",
        "emdash plugin install <span>seo-kit</span> --url",
        "<em>good</em>",
        "<h3>Use</h3>",
        "EmDash 0.1.0 or newer",
        "64 MiB",
        "500 ms",
        "20 November 2026",
        "No installs yet",
        "Screenshot 1 of 1",
        "href=\"https://plugins.example/marketplace/seo-kit\"",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    let css = market.get("/marketplace/style.css").await;
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert!(css.body.len() <= 12 * 1024, "{} bytes", css.body.len());
}

#[tokio::test]
async fn a_plugin_without_capabilities_is_not_said_to_see_nothing_when_its_hooks_do() {
    let market = Market::new().await;
    market.publish(&manifest("quiet", "1.0.0"), &[]).await;
    assert!(assert_page(&market.get("/marketplace/quiet").await).contains("Nothing of your site."));
    let mut watcher = manifest("watcher", "1.0.0");
    watcher["hooks"] = json!(["content:afterSave"]);
    market.publish(&watcher, &[]).await;
    let html = assert_page(&market.get("/marketplace/watcher").await);
    assert!(html.contains("Learn id, slug and status of entries") && !html.contains("Nothing of your site."));
}

#[tokio::test]
async fn pages_of_the_catalogue_lead_to_each_other() {
    let market = Market::new().await;
    for number in 0..26 {
        market.publish(&manifest(&format!("plugin-{number}"), "1.0.0"), &[]).await;
    }
    let first = assert_page(&market.get("/marketplace?sort=name&q=plugin").await);
    assert!(first.contains("href=\"/marketplace?q=plugin&amp;sort=name&amp;cursor=MjQ%3D\""));
    assert!(!first.contains("rel=\"prev\""));
    let second = assert_page(&market.get("/marketplace?q=plugin&sort=name&cursor=MjQ%3D").await);
    assert!(second.contains("rel=\"prev\" href=\"/marketplace?q=plugin&amp;sort=name\""));
    assert!(!second.contains("rel=\"next\""));
    assert!(assert_page(&market.get("/marketplace").await).contains("New releases"));
    assert!(assert_page(&market.get("/marketplace?cursor=OTk%3D").await).contains("That was all"));
}

#[tokio::test]
async fn what_is_not_there_gets_a_page_too() {
    let market = Market::new().await;
    for path in ["/marketplace/nope", "/marketplace/%3Cscript%3E"] {
        let answer = market.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(assert_page(&answer).contains("There is no such plugin"));
    }
}

#[tokio::test]
async fn nothing_a_publisher_writes_can_run() {
    const ATTACK: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}";
    let market = Market::new().await;
    let mut evil = rich("evil");
    evil["name"] = json!(ATTACK);
    evil["description"] = json!(ATTACK);
    evil["keywords"] = json!([ATTACK]);
    evil["license"] = json!(ATTACK);
    evil["changelog"] = json!(ATTACK);
    evil["repositoryUrl"] = json!("https://x.example/\"onmouseover=\"alert(1)");
    evil["routes"] = json!([{"name": "feed", "public": true}]);
    let readme = format!("# Evil\n\n{ATTACK}\n\n[x](javascript:alert(1)) ![y](javascript:alert(2))\n");
    let (publisher, token) = market.registry.publisher_add(ATTACK, "eve@example.com").await.unwrap();
    assert_eq!(publisher.name, ATTACK);
    let bytes = super::support::bundle(&evil, &[("README.md", readme.as_bytes())]);
    let answer = market.upload("evil", &format!("Bearer {}", token.expose()), "bundle", &bytes).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    for path in ["/marketplace", "/marketplace/evil", "/marketplace?q=alert"] {
        let html = assert_page(&market.get(path).await).to_lowercase();
        assert!(html.contains("alert(1)"), "the text itself is shown");
        for tag in html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            assert!(!tag.starts_with("script"), "{path}: <{tag}>");
            assert!(!tag.contains("javascript:"), "{path}: <{tag}>");
            let attributes = tag.split('"').step_by(2).collect::<String>();
            assert!(!attributes.contains(" on"), "{path}: <{tag}>");
            assert!(!tag.starts_with("img") || tag.contains("/api/v1/plugins/evil/"), "{path}: <{tag}>");
        }
    }
}
