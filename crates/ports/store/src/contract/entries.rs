//! Entries.

use std::sync::Arc;

use emdash_types::{EntryId, ErrorCode, Timestamp};
use futures::future::join_all;
use serde_json::json;

use super::Make;
use super::make::name;
use crate::SiteStore;
use crate::content::{Entry, EntryFilter, EntryStatus, FieldKind, Revision, Seo};

/// Types survive: flags are flags, whole numbers whole, JSON parsed.
pub async fn every_kind_of_field_reads_back(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let collection = make.collection(
        "everything",
        &[
            ("a_string", FieldKind::String),
            ("a_text", FieldKind::Text),
            ("a_slug", FieldKind::Slug),
            ("a_url", FieldKind::Url),
            ("a_number", FieldKind::Number),
            ("an_integer", FieldKind::Integer),
            ("a_flag", FieldKind::Boolean),
            ("a_time", FieldKind::Datetime),
            ("a_choice", FieldKind::Select),
            ("choices", FieldKind::MultiSelect),
            ("rich", FieldKind::PortableText),
            ("an_image", FieldKind::Image),
            ("a_file", FieldKind::File),
            ("a_reference", FieldKind::Reference),
            ("any", FieldKind::Json),
            ("rows", FieldKind::Repeater),
        ],
    );
    let mut entry = make.entry(
        &collection,
        "all",
        json!({
            "a_string": "“Füñ” 日本語 ' \" ; -- \u{1F600}", "a_text": "one\ntwo", "a_slug": "a-b",
            "a_url": "https://example.com/?q=1", "a_number": 0.1, "an_integer": 9_007_199_254_740_993_i64,
            "a_flag": false, "a_time": "2026-11-20", "a_choice": "x", "choices": ["x", "y"],
            "rich": [{"_type": "block", "children": []}], "an_image": {"id": "01"}, "a_file": {"id": "02"},
            "a_reference": "03", "any": {"b": [1, 2.5, null, true], "a": {}}, "rows": [{"n": 1}]
        }),
    );
    entry.author_id = Some(make.ambient.id());
    entry.primary_byline_id = Some(make.ambient.id());
    entry.scheduled_at = Some(make.instant());
    entry.live_revision_id = Some(make.ambient.id());
    entry.draft_revision_id = Some(make.ambient.id());
    let mut write = store.write().await.unwrap();
    write.collection_add(&collection).await.unwrap();
    write.entry_add(&collection, &entry).await.unwrap();
    write.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(read.entry_lookup(&collection, &entry.id, false).await.unwrap().unwrap(), entry);
    assert_eq!(read.entry_lookup(&collection, &"none".into(), true).await.unwrap(), None);
}

/// No value and `null` are the same: the key is not there. Zero, false and the empty text are values.
pub async fn absent_values_stay_absent(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut entry = make.entry(&posts, "a", json!({"title": null, "code": "", "place": 0, "pinned": false}));
    entry.slug = None;
    let mut write = store.write().await.unwrap();
    write.entry_add(&posts, &entry).await.unwrap();
    let found = write.entry_lookup(&posts, &entry.id, false).await.unwrap().unwrap();
    assert_eq!(json!(found.data), json!({"code": "", "place": 0, "pinned": false}));
    entry.data.clear();
    entry.version = 2;
    write.entry_update(&posts, &entry, 1).await.unwrap();
    assert_eq!(write.entry_lookup(&posts, &entry.id, false).await.unwrap(), Some(entry));
}

/// Nothing is bent to fit and nothing is dropped.
pub async fn a_value_of_another_type_is_refused(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    for data in [
        json!({"title": 1}),
        json!({"place": 1.5}),
        json!({"place": "1"}),
        json!({"rating": "x"}),
        json!({"pinned": 2}),
        json!({"unknown": 1}),
    ] {
        let error = write.entry_add(&posts, &make.entry(&posts, "a", data.clone())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ValidationError, "{data}");
    }
    assert_eq!(write.entry_count(&posts, &EntryFilter::default()).await.unwrap(), 0);
}

/// On adding and on changing; another locale is free.
pub async fn a_taken_slug_is_a_slug_conflict(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    make.stored_entry(&*store, &posts, "a", json!({})).await;
    let mut other = make.stored_entry(&*store, &posts, "b", json!({})).await;
    let mut write = store.write().await.unwrap();
    let error = write.entry_add(&posts, &make.entry(&posts, "a", json!({}))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SlugConflict);
    other.slug = Some("a".to_owned());
    other.version = 2;
    let error = write.entry_update(&posts, &other, 1).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SlugConflict);
    let mut german = make.entry(&posts, "a", json!({}));
    german.locale = "de".to_owned();
    write.entry_add(&posts, &german).await.unwrap();
}

/// Within a locale; entries without a value do not clash.
pub async fn a_taken_unique_value_is_a_conflict(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    make.stored_entry(&*store, &posts, "a", json!({"code": "x"})).await;
    make.stored_entry(&*store, &posts, "b", json!({})).await;
    make.stored_entry(&*store, &posts, "c", json!({})).await;
    let mut write = store.write().await.unwrap();
    let error = write.entry_add(&posts, &make.entry(&posts, "d", json!({"code": "x"}))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(error.message().contains("code"), "{error}");
}

/// The stored version is the fence.
pub async fn an_update_of_an_old_version_is_a_conflict(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut entry = make.stored_entry(&*store, &posts, "a", json!({"title": "one"})).await;
    let mut write = store.write().await.unwrap();
    entry.version = 2;
    entry.status = EntryStatus::Draft;
    entry.data.insert("title".to_owned(), json!("two"));
    write.entry_update(&posts, &entry, 1).await.unwrap();
    assert_eq!(write.entry_update(&posts, &entry, 1).await.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(write.entry_lookup(&posts, &entry.id, false).await.unwrap(), Some(entry));
}

/// Everybody read version 1 before anybody wrote.
pub async fn of_concurrent_updates_exactly_one_wins(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let entry = make.stored_entry(&*store, &posts, "a", json!({})).await;
    let update = |place: i64| {
        let (store, posts, mut entry) = (&store, &posts, entry.clone());
        async move {
            entry.data.insert("place".to_owned(), json!(place));
            entry.version = 2;
            let mut write = store.write().await.unwrap();
            tokio::task::yield_now().await;
            let outcome = write.entry_update(posts, &entry, 1).await;
            write.commit().await.unwrap();
            outcome.map(|()| place)
        }
    };
    let outcomes = join_all((0..8).map(update)).await;
    let winners: Vec<i64> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok().copied()).collect();
    assert_eq!(winners.len(), 1);
    let stored = store.read().await.unwrap().entry_lookup(&posts, &entry.id, false).await.unwrap().unwrap();
    assert_eq!(stored.data.get("place"), Some(&json!(winners[0])));
}

/// The trash is apart.
pub async fn a_trashed_entry_is_found_only_where_asked_for(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut entry = make.stored_entry(&*store, &posts, "a", json!({})).await;
    let mut write = store.write().await.unwrap();
    entry.deleted_at = Some(make.instant());
    entry.version = 2;
    write.entry_update(&posts, &entry, 1).await.unwrap();
    assert_eq!(write.entry_lookup(&posts, &entry.id, false).await.unwrap(), None);
    assert_eq!(write.entry_find_by_slug(&posts, "a", None).await.unwrap(), None);
    assert_eq!(write.entry_count(&posts, &EntryFilter::default()).await.unwrap(), 0);
    let trash = EntryFilter { trashed: true, ..EntryFilter::default() };
    assert_eq!(write.entry_count(&posts, &trash).await.unwrap(), 1);
    assert_eq!(write.entry_lookup(&posts, &entry.id, true).await.unwrap(), Some(entry));
}

/// Without a locale the alphabetically first one.
pub async fn a_slug_is_found_with_and_without_locale(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    for locale in ["en", "de", "fr"] {
        let mut entry = make.entry(&posts, "a", json!({}));
        entry.locale = locale.to_owned();
        write.entry_add(&posts, &entry).await.unwrap();
    }
    for (asked, found) in [(None, Some("de")), (Some("fr"), Some("fr")), (Some("it"), None)] {
        let entry = write.entry_find_by_slug(&posts, "a", asked).await.unwrap();
        assert_eq!(entry.as_ref().map(|entry| entry.locale.as_str()), found);
    }
}

/// Neither other words that begin alike nor pattern characters count.
pub async fn taken_slugs_are_the_base_and_its_numbers(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    for slug in ["p_", "p_-1", "p_-20", "p_-x", "p_-1-2", "p_-", "px-3", "p_q", "p"] {
        let mut entry = make.entry(&posts, slug, json!({}));
        entry.deleted_at = (slug == "p_-20").then(|| make.instant());
        write.entry_add(&posts, &entry).await.unwrap();
    }
    let mut slugs = write.entry_slugs(&posts, "en", "p_").await.unwrap();
    slugs.sort();
    assert_eq!(slugs, ["p_", "p_-1", "p_-20"]);
    assert!(write.entry_slugs(&posts, "de", "p_").await.unwrap().is_empty());
}

/// Revisions, SEO, credits and terms go with the entry; those of others stay.
pub async fn deleting_takes_everything_of_the_entry_along(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    let (term, byline) = (make.term("tag", "t"), make.byline("b", None));
    write.taxonomy_add(&make.taxonomy("tag")).await.unwrap();
    write.term_add(&term).await.unwrap();
    write.byline_add(&byline).await.unwrap();
    let mut ids: Vec<EntryId> = Vec::new();
    for slug in ["a", "b"] {
        let entry = make.entry(&posts, slug, json!({}));
        write.entry_add(&posts, &entry).await.unwrap();
        let revision = Revision {
            id: make.ambient.id(),
            collection: posts.name.clone(),
            entry_id: entry.id.clone(),
            data: entry.data.clone(),
            author_id: None,
            created_at: make.instant(),
        };
        write.revision_add(&revision).await.unwrap();
        write.seo_set(&posts.name, &entry.id, &Seo::default()).await.unwrap();
        write.entry_bylines_set(&posts.name, &entry.id, &[(byline.id.clone(), None)]).await.unwrap();
        write
            .entry_terms_set(&posts.name, &entry.id, &name("tag"), std::slice::from_ref(&term.id))
            .await
            .unwrap();
        ids.push(entry.id);
    }
    write.entry_delete(&posts, &ids[0]).await.unwrap();
    assert_eq!(write.entry_lookup(&posts, &ids[0], true).await.unwrap(), None);
    for (id, left) in [(&ids[0], 0), (&ids[1], 1)] {
        assert_eq!(write.revision_count(&posts.name, id).await.unwrap(), left);
        assert_eq!(u64::from(write.seo_lookup(&posts.name, id).await.unwrap().is_some()), left);
    }
    let credited = write.entry_bylines(&posts.name, &ids).await.unwrap();
    assert!(credited.iter().map(|(id, _)| id).eq([&ids[1]]));
    assert_eq!(write.term_list(&name("tag")).await.unwrap()[0].count, 1);
}

/// An entry's terms belong to all its translations together (CMS contract §4.4).
pub async fn terms_stay_while_a_translation_has_them(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    let term = make.term("tag", "t");
    write.term_add(&term).await.unwrap();
    let english = make.entry(&posts, "a", json!({}));
    let mut german = make.entry(&posts, "a", json!({}));
    german.locale = "de".to_owned();
    german.translation_group = english.translation_group.clone();
    for entry in [&english, &german] {
        write.entry_add(&posts, entry).await.unwrap();
    }
    write
        .entry_terms_set(&posts.name, &german.id, &name("tag"), std::slice::from_ref(&term.id))
        .await
        .unwrap();
    write.entry_delete(&posts, &english.id).await.unwrap();
    let terms = write.entry_terms(&posts.name, std::slice::from_ref(&german.id)).await.unwrap();
    assert_eq!(terms, [(german.id.clone(), term)]);
    write.entry_delete(&posts, &german.id).await.unwrap();
    write.entry_add(&posts, &german).await.unwrap();
    assert!(write.entry_terms(&posts.name, &[german.id]).await.unwrap().is_empty());
}

/// What the sitemap walks.
pub async fn locations_are_published_entries_in_id_order(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    let mut expected: Vec<(EntryId, Timestamp)> = Vec::new();
    for place in 0..10 {
        let mut entry: Entry = make.entry(&posts, &format!("s{place}"), json!({}));
        match place {
            0 => entry.status = EntryStatus::Draft,
            1 => entry.deleted_at = Some(make.instant()),
            2 => entry.slug = None,
            _ => expected.push((entry.id.clone(), entry.updated_at)),
        }
        write.entry_add(&posts, &entry).await.unwrap();
    }
    expected.sort();
    let mut found = write.entry_locations(&posts, None, 4).await.unwrap();
    found.extend(write.entry_locations(&posts, Some(&found[3].id.clone()), 4).await.unwrap());
    let found: Vec<_> = found.into_iter().map(|location| (location.id, location.updated_at)).collect();
    assert_eq!(found, expected);
}
