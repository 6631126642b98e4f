//! Every address and what stands there.

use emdash_site::{PreviewTarget, SiteRequest};
use emdash_store::content::EntryStatus;
use scraper::{Html, Selector};
use serde_json::json;

use crate::fixture::{BASE, Draft, Site, paragraph};
use crate::{get, page, text};

fn texts(html: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let document = Html::parse_document(html);
    document.select(&selector).map(|element| element.text().collect::<String>().trim().to_owned()).collect()
}

#[tokio::test]
async fn every_kind_of_address_answers() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    for (path, status, kind) in [
        ("/", 200, "text/html"),
        ("/page/2", 200, "text/html"),
        ("/page/4", 404, "text/html"),
        ("/page/0", 404, "text/html"),
        ("/posts/gallery", 200, "text/html"),
        ("/posts/%E6%97%A5%E6%9C%AC%E8%AA%9E", 200, "text/html"),
        ("/posts/no-content", 200, "text/html"),
        ("/posts/missing", 404, "text/html"),
        ("/posts/%ff", 404, "text/html"),
        ("/about", 200, "text/html"),
        ("/category/nature", 200, "text/html"),
        ("/category/nature/page/2", 200, "text/html"),
        ("/category/nature/page/9", 404, "text/html"),
        ("/category/unused", 200, "text/html"),
        ("/category/missing", 404, "text/html"),
        ("/tag/tag-number-1", 200, "text/html"),
        ("/author/ines-marlow", 200, "text/html"),
        ("/author/missing", 404, "text/html"),
        ("/search", 200, "text/html"),
        ("/search?q=river&page=2", 200, "text/html"),
        ("/search?q=river&page=99", 404, "text/html"),
        ("/search?q=%22%27%29%28*+OR+-", 200, "text/html"),
        ("/feed.xml", 200, "application/rss+xml"),
        ("/atom.xml", 200, "application/atom+xml"),
        ("/category/rivers/feed.xml", 200, "application/rss+xml"),
        ("/author/ines-marlow/atom.xml", 200, "application/atom+xml"),
        ("/sitemap.xml", 200, "application/xml"),
        ("/sitemap-posts.xml", 200, "application/xml"),
        ("/sitemap-posts-2.xml", 404, "text/html"),
        ("/sitemap-users.xml", 404, "text/html"),
        ("/robots.txt", 200, "text/plain"),
        ("/favicon.ico", 200, "image/svg+xml"),
        ("/assets/style.css", 200, "text/css"),
        ("/assets/../templates/base.html", 404, "text/html"),
        ("/assets/%2e%2e/templates/base.html", 404, "text/html"),
        ("/assets/missing.css", 404, "text/html"),
        ("/nothing/at/all", 404, "text/html"),
    ] {
        let response = get(&renderer, path).await;
        assert_eq!(response.status, status, "{path}");
        assert!(response.content_type.starts_with(kind), "{path}: {}", response.content_type);
        assert!(!response.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn other_addresses_of_a_page_lead_to_the_one_it_has() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    for (path, to) in [
        ("/posts/gallery/", "/posts/gallery"),
        ("/Posts/Gallery", "/posts/gallery"),
        ("/page/1", "/"),
        ("/tag/tag-number-1/page/1", "/tag/tag-number-1"),
        ("/category/nature/rivers", "/category/rivers"),
        ("/library/shelf-one/box-seven", "/box-seven"),
        ("/feed", "/feed.xml"),
        ("/search/?q=a%20b", "/search?q=a%20b"),
        ("//evil.example/", "/evil.example"),
    ] {
        let response = get(&renderer, path).await;
        assert_eq!((response.status, response.location.as_deref()), (301, Some(to)), "{path}");
        assert!(!response.cacheable, "{path}");
    }
    assert_eq!(get(&renderer, "/Nothing").await.status, 404);
    assert_eq!(get(&renderer, "/gallery/box-seven").await.status, 404);
}

#[tokio::test]
async fn the_front_page_lists_posts_in_windows() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let mut seen = Vec::new();
    for path in ["/", "/page/2", "/page/3"] {
        seen.extend(texts(&page(&renderer, path).await, ".teaser h2"));
    }
    assert_eq!(seen.len(), 24);
    assert_eq!(seen[0], "Everything a page can hold");
    assert_eq!(seen[23], "Not for search engines");
    let first = page(&renderer, "/").await;
    assert!(!first.contains("rel=\"prev\"") && first.contains("href=\"/page/2\" rel=\"next\""));
    let second = page(&renderer, "/page/2").await;
    assert!(second.contains("href=\"/\" rel=\"prev\"") && second.contains("Page 2 of 3"));
}

#[tokio::test]
async fn an_archive_holds_the_entries_of_the_terms_below_it() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let titles = texts(&page(&renderer, "/category/rivers").await, ".teaser h2");
    assert_eq!(titles, ["High water, and what we keep above it", "Where the map gives up"]);
    let html = page(&renderer, "/category/rivers").await;
    assert_eq!(texts(&html, ".archive-header .pills a"), ["Deltas"]);
    assert!(html.contains("<a href=\"/category/nature\">Nature</a>"));
}

#[tokio::test]
async fn what_is_not_published_is_nowhere() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    assert_eq!(get(&renderer, "/posts/draft").await.status, 404);
    for path in
        ["/", "/page/2", "/page/3", "/feed.xml", "/atom.xml", "/sitemap-posts.xml", "/search?q=secret"]
    {
        let body = page(&renderer, path).await;
        assert!(!body.contains("Secret draft") && !body.contains("/posts/draft"), "{path}");
    }
}

#[tokio::test]
async fn a_preview_shows_a_draft_to_nobody_else() {
    let site = Site::empty().await;
    let data = json!({"title": "Not yet", "content": paragraph("Words to come.")});
    let id = site.add(Draft { slug: "soon", data, status: EntryStatus::Draft, ..Draft::default() }).await;
    let renderer = site.renderer();
    let preview = Some(PreviewTarget { collection: "posts".to_owned(), id });
    let response = renderer.render(&SiteRequest { preview, ..SiteRequest::get("/posts/soon", BASE) }).await;
    assert_eq!((response.status, response.cache_control), (200, "private, no-store"));
    assert!(!response.cacheable);
    let html = text(&response);
    assert!(html.contains("Words to come.") && html.contains("Preview of a draft"));
    assert!(html.contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[tokio::test]
async fn an_empty_site_says_so_instead_of_failing() {
    let site = Site::empty().await;
    let renderer = site.renderer();
    assert!(page(&renderer, "/").await.contains("Nothing here yet"));
    assert_eq!(get(&renderer, "/page/2").await.status, 404);
    assert!(page(&renderer, "/search?q=x").await.contains("Nothing found"));
    assert!(text(&get(&renderer, "/nowhere").await).contains("This page is not here"));
    assert!(page(&renderer, "/sitemap.xml").await.contains("</sitemapindex>"));
    assert!(page(&renderer, "/feed.xml").await.contains("</rss>"));
}

#[tokio::test]
async fn search_marks_what_it_found() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let html = page(&renderer, "/search?q=maps").await;
    assert!(html.contains("Nothing found"));
    let html = page(&renderer, "/search?q=gives+ma").await;
    assert_eq!(texts(&html, ".result-list h2"), ["Where the map gives up"]);
    let hostile = page(&renderer, "/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22%20onfocus=x").await;
    assert!(!hostile.contains("<script>alert") && !hostile.contains("\" onfocus"));
    assert!(hostile.contains("content=\"noindex\""));
}

#[tokio::test]
async fn responses_say_what_they_were_made_from() {
    let site = Site::sample().await;
    let id = site.add(Draft { slug: "fresh", data: json!({"title": "Fresh"}), ..Draft::default() }).await;
    let renderer = site.renderer();
    let post = get(&renderer, "/posts/fresh").await;
    assert!(post.cacheable && post.tags.entries.contains(&id));
    let home = get(&renderer, "/").await;
    let collections: Vec<&str> = home.tags.collections.iter().map(|name| name.as_str()).collect();
    assert_eq!(collections, ["pages", "posts"]);
    for path in ["/nowhere", "/search?q=a", "/assets/style.css"] {
        assert!(!get(&renderer, path).await.cacheable, "{path}");
    }
}

#[tokio::test]
async fn robots_txt_is_the_sites_own_where_it_has_one() {
    let site = Site::empty().await;
    insta::assert_snapshot!(page(&site.renderer(), "/robots.txt").await, @r"
    User-agent: *
    Allow: /
    Disallow: /_emdash/

    Sitemap: https://notes.example/sitemap.xml
    ");
    site.set_option("site:seo", json!({"robotsTxt": "User-agent: x\nDisallow: /"})).await;
    let own = page(&site.renderer(), "/robots.txt").await;
    assert_eq!(own, "User-agent: x\nDisallow: /\n\nSitemap: https://notes.example/sitemap.xml\n");
}

#[tokio::test]
async fn pages_know_their_place() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    assert_eq!(texts(&page(&renderer, "/library").await, "nav.entry-footer a"), ["Shelf One"]);
    assert_eq!(texts(&page(&renderer, "/box-seven").await, "nav.eyebrow a"), ["The Library", "Shelf One"]);
    let html = page(&renderer, "/about").await;
    assert_eq!(texts(&html, ".site-nav a"), ["About", "Colophon", "The Library", "Contact", "Search"]);
    assert_eq!(texts(&html, ".site-nav [aria-current]"), ["About"]);
}
