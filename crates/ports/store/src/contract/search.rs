//! Full text.

use std::sync::Arc;

use super::Make;
use super::make::name;
use crate::content::SearchDocument;
use crate::{SiteStore, SiteTransaction};

async fn index(write: &mut dyn SiteTransaction, collection: &str, id: &str, title: &str, body: &str) {
    let document = SearchDocument {
        collection: name(collection),
        entry_id: id.into(),
        locale: "en".to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
    };
    write.search_index(&document).await.unwrap();
}

async fn found(search: &mut dyn SiteTransaction, words: &str) -> Vec<String> {
    let hits = search.search_query(words, None, 0, 50).await.unwrap();
    let count = search.search_count(words, None).await.unwrap();
    assert_eq!(count, u64::try_from(hits.len()).unwrap(), "{words}");
    let mut ids: Vec<_> = hits.into_iter().map(|hit| hit.entry_id.to_string()).collect();
    ids.sort();
    ids
}

/// Case, accents and punctuation do not matter.
pub async fn every_word_must_match_and_the_last_is_a_prefix(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    index(&mut *write, "posts", "1", "Crème brûlée", "A dessert, well-known in Paris. 日本語 テスト").await;
    index(&mut *write, "pages", "2", "Paris", "The desert is a hot place; brulee it is not.").await;
    for (words, expected) in [
        ("dessert", &["1"][..]),
        ("des", &["1", "2"]),
        ("BRULEE paris", &["1", "2"]),
        ("brûlée par", &["1", "2"]),
        ("par brulee", &[]),
        ("dessert desert", &[]),
        ("known", &["1"]),
        ("日本", &["1"]),
        ("nothing", &[]),
        ("", &[]),
    ] {
        assert_eq!(found(&mut *write, words).await, expected, "{words}");
    }
    let hits = write.search_query("paris", Some(&name("pages")), 0, 10).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.entry_id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(write.search_count("paris", Some(&name("pages"))).await.unwrap(), 1);
}

/// Best first, windows of the same order, marks around what matched.
pub async fn a_title_weighs_more_and_matches_are_marked(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    let filler = "other words of a text that goes on ".repeat(5);
    index(
        &mut *write,
        "posts",
        "body",
        "Something else",
        &format!("{filler} rust, rust, rust, rust {filler}"),
    )
    .await;
    index(&mut *write, "posts", "title", "Rust", &format!("{filler} the <b>RUST</b>y gate {filler}")).await;
    let hits = write.search_query("rust", None, 0, 10).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.entry_id.as_str()).collect::<Vec<_>>(), ["title", "body"]);
    assert!(hits[0].score > hits[1].score);
    assert_eq!(hits[0].title, "Rust");
    assert!(hits[0].snippet.contains("<b>\u{E000}RUST\u{E001}</b>"), "{}", hits[0].snippet);
    assert_eq!(write.search_query("rust", None, 1, 10).await.unwrap(), hits[1..]);
}

/// The last text counts.
pub async fn indexing_again_replaces_and_removing_forgets(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    index(&mut *write, "posts", "1", "old", "alpha").await;
    index(&mut *write, "posts", "1", "new", "beta").await;
    index(&mut *write, "pages", "1", "other", "beta").await;
    assert!(found(&mut *write, "alpha").await.is_empty());
    assert!(found(&mut *write, "old").await.is_empty());
    assert_eq!(found(&mut *write, "beta").await, ["1", "1"]);
    write.search_remove(&name("posts"), &"1".into()).await.unwrap();
    write.search_remove(&name("posts"), &"never".into()).await.unwrap();
    let left = write.search_query("beta", None, 0, 10).await.unwrap();
    assert!(left.iter().map(|hit| hit.collection.as_str()).eq(["pages"]));
}

/// Neither what is asked nor what is indexed is ever a syntax error.
pub async fn hostile_questions_and_texts_are_harmless(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let words: String = (0..40_000).map(|serial| format!("w{serial} ")).collect();
    index(&mut *write, "posts", "1", "'x':1A & !y \0", &format!("{words} \u{E000}forged\u{E001} \\ ' \" \0"))
        .await;
    index(
        &mut *write,
        "posts",
        "2",
        &"long".repeat(5000),
        &format!("{} {}", "ﷺ".repeat(500), "repeated ".repeat(30_000)),
    )
    .await;
    let random = String::from_utf8_lossy(&make.ambient.bytes::<2000>()).into_owned();
    let mut questions: Vec<String> = [
        "\"",
        "'",
        "a\"b",
        "*",
        "a*",
        "(",
        "a AND",
        "NOT",
        "NEAR(a b)",
        "title:x",
        "-a",
        "^a",
        "a:b",
        "\0",
        "x\0y",
        "' OR 1=1 --",
        "&|!<->",
        "\\",
        "%",
        "_",
        "{",
        "+",
        "\u{E000}",
        "ﷺ",
        "\u{0301}",
        "𝔘𝔫𝔦",
        "İ",
    ]
    .map(str::to_owned)
    .to_vec();
    questions.extend(["a ".repeat(5000), "\"".repeat(10_000), "x".repeat(10_000), random]);
    for question in &questions {
        write.search_query(question, None, 0, 5).await.unwrap();
        write.search_count(question, Some(&name("posts"))).await.unwrap();
    }
    let hits = write.search_query("w17", None, 0, 5).await.unwrap();
    assert_eq!(hits[0].snippet.matches('\u{E000}').count(), hits[0].snippet.matches('\u{E001}').count());
    assert_eq!(found(&mut *write, "repeat").await, ["2"]);
}

/// Nobody pages that far.
pub async fn a_count_stops_at_a_thousand(store: Arc<dyn SiteStore>) {
    let mut write = store.write().await.unwrap();
    for serial in 0..1003 {
        index(&mut *write, "posts", &serial.to_string(), "same", "").await;
    }
    assert_eq!(write.search_count("same", None).await.unwrap(), 1000);
    assert_eq!(write.search_query("same", None, 1000, 10).await.unwrap().len(), 3);
}
