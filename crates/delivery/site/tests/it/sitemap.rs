//! The sitemap.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use emdash_content::reading::PublicReader;
use emdash_store::content::{EntryStatus, Seo};
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::{Draft, Site};
use crate::page;

fn locations(xml: &str) -> Vec<String> {
    xml.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_index_leads_to_every_published_entry() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let index = page(&renderer, "/sitemap.xml").await;
    assert_eq!(
        locations(&index),
        ["https://notes.example/sitemap-pages.xml", "https://notes.example/sitemap-posts.xml"]
    );
    assert!(index.contains("<lastmod>2026-11-10T09:30:00.000Z</lastmod>"));
    let posts = locations(&page(&renderer, "/sitemap-posts.xml").await);
    assert_eq!(posts.len(), 23);
    assert!(posts.contains(&"https://notes.example/posts/%E6%97%A5%E6%9C%AC%E8%AA%9E".to_owned()));
    assert!(!posts.iter().any(|location| location.ends_with("/hidden") || location.ends_with("/draft")));
}

/// Eleven posts, one hidden from engines, one a draft.
static ELEVEN: LazyLock<(Site, PublicReader, tokio::runtime::Runtime)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = runtime.block_on(async {
        let site = Site::empty().await;
        for number in 0..11 {
            let seo = (number == 3).then(|| Seo { no_index: true, ..Seo::default() });
            let status = if number == 7 { EntryStatus::Draft } else { EntryStatus::Published };
            let slug = format!("post-{number}");
            site.add(Draft { slug: &slug, data: json!({"title": slug}), seo, status, ..Draft::default() })
                .await;
        }
        site
    });
    let reader = site.reader();
    (site, reader, runtime)
});

proptest! {
    #[test]
    fn every_published_address_stands_in_exactly_one_file_that_is_not_too_long(per_file in 1_u64..14) {
        let (_, reader, runtime) = &*ELEVEN;
        runtime.block_on(async {
            let mut view = reader.open().await.unwrap();
            let files = view.sitemap_files(per_file).await.unwrap();
            let mut seen = BTreeSet::new();
            for file in &files {
                let found = view.sitemap_locations(&file.collection, file.number, per_file).await.unwrap();
                prop_assert!(!found.is_empty() && found.len() as u64 <= per_file);
                for location in found {
                    prop_assert!(seen.insert(location.path));
                }
            }
            let wanted: BTreeSet<String> =
                (0..11).filter(|number| ![3, 7].contains(number)).map(|number| format!("/posts/post-{number}")).collect();
            prop_assert_eq!(&seen, &wanted);
            let past = view.sitemap_locations("posts", files.len() as u64 + 1, per_file).await.unwrap();
            prop_assert!(past.is_empty());
            Ok(())
        })?;
    }
}
