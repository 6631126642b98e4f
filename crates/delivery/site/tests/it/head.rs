//! The head of pages.

use std::sync::Arc;

use async_trait::async_trait;
use emdash_site::{Contribution, NoMetadata, PageMetadata, PublicPageContext};
use emdash_store::content::Seo;
use parking_lot::Mutex;
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::fixture::{Draft, Site};
use crate::{page, text};

fn attribute(html: &str, selector: &str, name: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let document = Html::parse_document(html);
    document.select(&selector).filter_map(|element| element.attr(name)).map(ToOwned::to_owned).collect()
}

fn structured(html: &str) -> Vec<Value> {
    let selector = Selector::parse("script").unwrap();
    let document = Html::parse_document(html);
    document
        .select(&selector)
        .map(|script| {
            assert_eq!(script.attr("type"), Some("application/ld+json"));
            serde_json::from_str(&script.text().collect::<String>()).unwrap()
        })
        .collect()
}

#[tokio::test]
async fn a_post_describes_itself() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let html = page(&renderer, "/posts/high-water").await;
    let head = html.split("</head>").next().unwrap();
    let own =
        head.lines().skip_while(|line| !line.starts_with("<title>")).take_while(|line| !line.is_empty());
    insta::assert_snapshot!(own.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn hostile_titles_stay_text_everywhere() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    for path in ["/posts/markup", "/", "/category/tools", "/nowhere"] {
        let html = text(&crate::get(&renderer, path).await);
        assert!(!html.contains("<em>With</em>") && !html.contains("<script>alert"), "{path}");
        structured(&html);
    }
    let html = page(&renderer, "/posts/markup").await;
    let blog = &structured(&html)[0];
    assert_eq!(blog["headline"], "Markup: <em>With</em> <b>Mark<sup>up</sup></b> & \"quotes\" </script>");
}

#[tokio::test]
async fn lists_and_the_front_page_have_structured_data() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let home = structured(&page(&renderer, "/").await);
    assert_eq!(home[0]["potentialAction"]["@type"], "SearchAction");
    let archive = structured(&page(&renderer, "/category/deltas").await);
    assert_eq!(archive[1]["itemListElement"][3]["item"], "https://notes.example/category/deltas");
    assert_eq!(archive[2]["mainEntity"]["itemListElement"][0]["url"], "https://notes.example/posts/delta");
}

#[tokio::test]
async fn seo_data_stands_before_what_is_derived() {
    let site = Site::empty().await;
    let seo = Seo {
        title: Some("For engines".to_owned()),
        description: Some("Described.".to_owned()),
        image: Some("/_emdash/api/media/file/a.png".to_owned()),
        canonical: Some("https://elsewhere.example/x".to_owned()),
        no_index: true,
    };
    let data = json!({"title": "For people", "excerpt": "Excerpt."});
    site.add(Draft { slug: "a", data, seo: Some(seo), ..Draft::default() }).await;
    let html = page(&site.renderer(), "/posts/a").await;
    assert!(html.contains("<title>For engines – Field Notes</title>"));
    assert_eq!(attribute(&html, "meta[name=description]", "content"), ["Described."]);
    assert_eq!(attribute(&html, "meta[name=robots]", "content"), ["noindex"]);
    assert_eq!(attribute(&html, "link[rel=canonical]", "href"), ["https://elsewhere.example/x"]);
    let image = attribute(&html, "meta[property='og:image']", "content");
    assert_eq!(image, ["https://notes.example/_emdash/api/media/file/a.png"]);
}

struct Plugin(Mutex<Vec<Value>>);

#[async_trait]
impl PageMetadata for Plugin {
    async fn contributions(&self, page: &PublicPageContext) -> Vec<Contribution> {
        self.0.lock().push(serde_json::to_value(page).unwrap());
        let given = [
            json!({"kind": "meta", "name": "description", "content": "From a plugin"}),
            json!({"kind": "link", "rel": "canonical", "href": "https://plugin.example/"}),
            json!({"kind": "jsonld", "id": "primary", "graph": {"@type": "Recipe"}}),
        ];
        given.iter().filter_map(Contribution::parse).collect()
    }
}

#[tokio::test]
async fn plugins_override_what_the_site_says() {
    let site = Site::sample().await;
    let plugin = Arc::new(Plugin(Mutex::default()));
    let html = page(&site.renderer_with(None, plugin.clone()), "/posts/high-water").await;
    assert_eq!(attribute(&html, "meta[name=description]", "content"), ["From a plugin"]);
    assert_eq!(attribute(&html, "link[rel=canonical]", "href"), ["https://plugin.example/"]);
    assert_eq!(structured(&html)[0], json!({"@type": "Recipe"}));
    let mut context = plugin.0.lock().remove(0);
    context["content"]["id"] = json!("(id)");
    insta::assert_json_snapshot!(context);
}

#[tokio::test]
async fn an_origin_the_site_names_is_used_everywhere() {
    let site = Site::sample().await;
    site.set_option("site:url", json!("https://other.example/")).await;
    let renderer = site.renderer_with(None, Arc::new(NoMetadata));
    for path in ["/posts/delta", "/feed.xml", "/sitemap.xml", "/robots.txt"] {
        let body = page(&renderer, path).await;
        assert!(body.contains("https://other.example/") && !body.contains("ignored.example"), "{path}");
    }
}
