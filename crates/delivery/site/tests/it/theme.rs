//! Themes: the default one, and one on disk.

use std::collections::HashMap;
use std::sync::Arc;

use emdash_site::NoMetadata;
use scraper::{Html, Selector};

use crate::fixture::Site;
use crate::{get, page, text};

const STYLE: &str = include_str!("../../../../../themes/default/assets/style.css");

#[tokio::test]
async fn a_changed_template_is_used_at_once_and_missing_ones_come_from_the_default() {
    let site = Site::sample().await;
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    std::fs::create_dir_all(&templates).unwrap();
    let renderer = site.renderer_with(Some(folder.path()), Arc::new(NoMetadata));
    assert!(page(&renderer, "/about").await.contains("colophon"));
    let revision = renderer.theme_revision();

    std::fs::write(templates.join("page.html"), "one: {{ entry.title }} {{ \"<b>\" }}").unwrap();
    assert_eq!(page(&renderer, "/about").await, "one: About &lt;b&gt;");
    assert!(renderer.theme_revision() > revision);
    std::fs::write(templates.join("page.html"), "two, longer: {{ entry.title }}").unwrap();
    assert_eq!(page(&renderer, "/about").await, "two, longer: About");
    std::fs::remove_file(templates.join("page.html")).unwrap();
    assert!(page(&renderer, "/about").await.contains("colophon"));
    assert!(page(&renderer, "/posts/delta").await.contains("Where the map gives up"));
}

#[tokio::test]
async fn a_broken_template_gives_a_plain_error_page_without_details() {
    let site = Site::sample().await;
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    std::fs::create_dir_all(&templates).unwrap();
    let renderer = site.renderer_with(Some(folder.path()), Arc::new(NoMetadata));
    for broken in
        ["{% if %}", "{{ entry.title|nonsense }}", "{% include 'gone.html' %}", "{% include 'page.html' %}"]
    {
        std::fs::write(templates.join("page.html"), broken).unwrap();
        let response = get(&renderer, "/about").await;
        assert_eq!((response.status, response.cacheable), (500, false), "{broken}");
        let html = text(&response);
        assert!(html.contains("Something went wrong") && !html.contains("page.html"), "{broken}");
        assert!(html.contains("/assets/style."), "{broken}");
        assert_eq!(get(&renderer, "/posts/delta").await.status, 200);
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_under_the_hash_of_their_content() {
    let site = Site::empty().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("assets")).unwrap();
    std::fs::write(folder.path().join("assets/style.css"), "a{}").unwrap();
    let renderer = site.renderer_with(Some(folder.path()), Arc::new(NoMetadata));
    let address = |html: &str| {
        let link = Selector::parse("link[rel=stylesheet]").unwrap();
        Html::parse_document(html).select(&link).next().unwrap().attr("href").unwrap().to_owned()
    };
    let first = address(&page(&renderer, "/").await);
    let response = get(&renderer, &first).await;
    assert_eq!(
        (text(&response).as_str(), response.cache_control),
        ("a{}", "public, max-age=31536000, immutable")
    );
    std::fs::write(folder.path().join("assets/style.css"), "a{b:c}").unwrap();
    let second = address(&page(&renderer, "/").await);
    assert_ne!(first, second);
    let stale = get(&renderer, &first).await;
    assert_eq!((text(&stale).as_str(), stale.cache_control), ("a{b:c}", "public, max-age=3600"));
}

#[tokio::test]
async fn every_page_is_sound_html_without_scripts_or_foreign_requests() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let select = |css: &str| Selector::parse(css).unwrap();
    for path in [
        "/",
        "/page/2",
        "/posts/gallery",
        "/posts/untitled",
        "/posts/many-tags",
        "/about",
        "/library",
        "/category/nature",
        "/category/unused",
        "/author/ines-marlow",
        "/search?q=river",
        "/search",
        "/missing",
    ] {
        let document = Html::parse_document(&text(&get(&renderer, path).await));
        assert!(document.errors.is_empty(), "{path}: {:?}", document.errors);
        assert_eq!(document.select(&select("h1")).count(), 1, "{path}");
        assert_eq!(document.select(&select("main#main")).count(), 1, "{path}");
        assert_eq!(document.select(&select("[style], style")).count(), 0, "{path}");
        for script in document.select(&select("script")) {
            assert_eq!(script.attr("type"), Some("application/ld+json"), "{path}");
        }
        for loaded in document.select(&select("link[rel=stylesheet], link[rel=icon], img")) {
            let address = loaded.attr("href").or(loaded.attr("src")).unwrap();
            assert!(address.starts_with('/') && !address.starts_with("//"), "{path}: {address}");
        }
        let mut ids = std::collections::BTreeSet::new();
        for element in document.select(&select("[id]")) {
            assert!(ids.insert(element.attr("id").unwrap().to_owned()), "{path}: {:?}", element.attr("id"));
        }
    }
}

fn colours(block: &str) -> HashMap<&str, [f64; 3]> {
    let pairs = block
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.trim_end_matches(';').split_once(": #"));
    let channel = |hex: &str, at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    pairs.map(|(name, hex)| (name, [0, 2, 4].map(|at| channel(hex, at)))).collect()
}

/// WCAG 2.2 contrast ratio.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let light = |c: [f64; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_has_enough_contrast_in_both_schemes() {
    let light = STYLE.split("@media").next().unwrap();
    let dark = STYLE.split("(prefers-color-scheme: dark)").nth(1).unwrap().split("@media").next().unwrap();
    for (scheme, block) in [("light", light), ("dark", dark)] {
        let colour = colours(block);
        for (text, ground) in [
            ("ink", "paper"),
            ("ink", "surface"),
            ("ink", "mark"),
            ("muted", "paper"),
            ("muted", "surface"),
            ("accent", "paper"),
            ("accent", "surface"),
            ("on-accent", "accent"),
            ("paper", "ink"),
        ] {
            let ratio = contrast(colour[text], colour[ground]);
            assert!(ratio >= 4.5, "{scheme}: {text} on {ground} is {ratio:.2}");
        }
    }
}

#[test]
fn the_style_sheet_stays_small_and_asks_nobody_else() {
    assert!(STYLE.len() <= 20 * 1024, "{} bytes", STYLE.len());
    assert!(!STYLE.contains("@import") && !STYLE.contains("url("));
}
