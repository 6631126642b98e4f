//! The read model on a real store.

use emdash_content::reading::Scope;
use serde_json::json;

use crate::fixture::{Draft, Site};

#[tokio::test]
async fn neighbours_follow_publication() {
    let site = Site::empty().await;
    for (slug, published) in [("a", "2026-01-01"), ("b", "2026-01-02"), ("c", "2026-01-03")] {
        site.add(Draft { slug, published, data: json!({"title": slug}), ..Draft::default() }).await;
    }
    let mut view = site.reader().open().await.unwrap();
    for (slug, previous, next) in
        [("a", None, Some("b")), ("b", Some("a"), Some("c")), ("c", Some("b"), None)]
    {
        let entry = view.entry_at(&["posts", slug]).await.unwrap().unwrap();
        let neighbours = view.neighbours(&entry).await.unwrap();
        assert_eq!(neighbours.previous.map(|link| link.title).as_deref(), previous, "{slug}");
        assert_eq!(neighbours.next.map(|link| link.title).as_deref(), next, "{slug}");
    }
}

#[tokio::test]
async fn lists_come_with_terms_authors_and_pictures() {
    let site = Site::sample().await;
    let mut view = site.reader().open().await.unwrap();
    let listing = view.posts(&Scope::All, 0, 3).await.unwrap();
    let first = &listing.entries[0];
    assert_eq!(
        first.terms_in("category").map(|term| term.label.as_str()).collect::<Vec<_>>(),
        ["Tools & Workshops"]
    );
    assert_eq!(first.bylines[0].byline.display_name, "Ines Marlow");
    let image = first.image.as_ref().unwrap();
    assert_eq!(
        (image.url.as_str(), image.alt.as_deref()),
        ("/_emdash/api/media/file/hills.svg", Some("Hills at dusk"))
    );
    assert_eq!(image.width, Some(1600));
    assert_eq!(listing.entries[1].bylines[0].byline.display_name, "A. Nonymous");
}

#[tokio::test]
async fn what_all_pages_share_is_read_again_when_content_changed() {
    let site = Site::sample().await;
    let reader = site.reader();
    let before = reader.open().await.unwrap().frame().pages.len();
    let kept = reader.open().await.unwrap();
    site.add(Draft { collection: "pages", slug: "new", data: json!({"title": "New"}), ..Draft::default() })
        .await;
    assert_eq!(kept.frame().pages.len(), before);
    assert_eq!(reader.open().await.unwrap().frame().pages.len(), before + 1);
}
