//! Taxonomies and terms.

use std::sync::Arc;

use emdash_types::ErrorCode;
use serde_json::json;

use super::Make;
use super::make::name;
use crate::SiteStore;
use crate::content::EntryStatus;

/// Seeding twice changes nothing.
pub async fn a_taxonomy_that_exists_is_left_alone(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let (category, tag) = (make.taxonomy("category"), make.taxonomy("tag"));
    let mut again = category.clone();
    again.id = "other".to_owned();
    again.label = "Other".to_owned();
    for taxonomy in [&tag, &category, &again] {
        write.taxonomy_add(taxonomy).await.unwrap();
    }
    assert_eq!(write.taxonomy_list().await.unwrap(), [category, tag]);
}

/// By id, by slug, and in the list by position and label.
pub async fn terms_read_back_and_change(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let (b, mut a, mut child) =
        (make.term("category", "b"), make.term("category", "a"), make.term("category", "c"));
    child.parent_id = Some(a.id.clone());
    child.description = Some("About".to_owned());
    child.sort_order = -1;
    for term in [&b, &a, &child, &make.term("tag", "a")] {
        write.term_add(term).await.unwrap();
    }
    a.label = "Z".to_owned();
    a.description = Some("New".to_owned());
    write.term_update(&a).await.unwrap();
    let category = name("category");
    assert_eq!(write.term_find_by_slug(&category, "a").await.unwrap().as_ref(), Some(&a));
    assert_eq!(write.term_lookup(&child.id).await.unwrap().as_ref(), Some(&child));
    assert_eq!(write.term_find_by_slug(&category, "none").await.unwrap(), None);
    let listed = write.term_list(&category).await.unwrap();
    assert!(listed.iter().all(|listed| listed.count == 0));
    assert!(listed.into_iter().map(|listed| listed.term).eq([child, b, a]));
    let missing = make.term("category", "none");
    assert_eq!(write.term_update(&missing).await.unwrap_err().code(), ErrorCode::NotFound);
}

/// Within the taxonomy and locale.
pub async fn a_taken_term_slug_is_a_slug_conflict(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    write.term_add(&make.term("tag", "a")).await.unwrap();
    let error = write.term_add(&make.term("tag", "a")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SlugConflict);
    write.term_add(&make.term("category", "a")).await.unwrap();
}

/// Terms of other taxonomies and of other entries stay.
pub async fn setting_terms_replaces_those_of_one_taxonomy(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let entries = [
        make.stored_entry(&*store, &posts, "a", json!({})).await.id,
        make.stored_entry(&*store, &posts, "b", json!({})).await.id,
    ];
    let mut write = store.write().await.unwrap();
    let (one, two, category) = (make.term("tag", "one"), make.term("tag", "two"), make.term("category", "c"));
    for term in [&one, &two, &category] {
        write.term_add(term).await.unwrap();
    }
    let tag = name("tag");
    let (id, collection) = (&entries[0], &posts.name);
    write.entry_terms_set(collection, id, &tag, &[one.id.clone(), one.id.clone()]).await.unwrap();
    write
        .entry_terms_set(collection, id, &name("category"), std::slice::from_ref(&category.id))
        .await
        .unwrap();
    write.entry_terms_set(collection, &entries[1], &tag, std::slice::from_ref(&one.id)).await.unwrap();
    write.entry_terms_set(collection, id, &tag, &[two.id.clone(), category.id.clone()]).await.unwrap();
    let mut found = write.entry_terms(collection, &entries).await.unwrap();
    let mut expected = [
        (entries[0].clone(), category.clone()),
        (entries[0].clone(), two.clone()),
        (entries[1].clone(), one.clone()),
    ];
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
    write.entry_terms_set(collection, id, &tag, &[]).await.unwrap();
    found = write.entry_terms(collection, &entries[..1]).await.unwrap();
    assert_eq!(found, [(entries[0].clone(), category)]);
    assert!(write.entry_terms(collection, &[]).await.unwrap().is_empty());
}

/// In all collections together; drafts and the trash do not count.
pub async fn counts_are_of_published_entries(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let pages = make.collection("pages", &[]);
    let mut write = store.write().await.unwrap();
    write.collection_add(&pages).await.unwrap();
    let term = make.term("tag", "t");
    write.term_add(&term).await.unwrap();
    let mut draft = make.entry(&posts, "draft", json!({}));
    draft.status = EntryStatus::Draft;
    let mut trashed = make.entry(&posts, "trashed", json!({}));
    trashed.deleted_at = Some(make.instant());
    let page = make.entry(&pages, "page", json!({}));
    let post = make.entry(&posts, "post", json!({}));
    for (collection, entry) in [(&posts, draft), (&posts, trashed), (&posts, post), (&pages, page)] {
        write.entry_add(collection, &entry).await.unwrap();
        write
            .entry_terms_set(&collection.name, &entry.id, &name("tag"), std::slice::from_ref(&term.id))
            .await
            .unwrap();
    }
    assert_eq!(write.term_list(&name("tag")).await.unwrap()[0].count, 2);
}

/// An entry has a term in each language the term is translated into.
pub async fn terms_are_found_in_every_locale(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let entry = make.stored_entry(&*store, &posts, "a", json!({})).await.id;
    let mut write = store.write().await.unwrap();
    let (english, other, category) =
        (make.term("tag", "sea"), make.term("tag", "z"), make.term("category", "c"));
    let mut german = make.term("tag", "meer");
    german.locale = "de".to_owned();
    german.translation_group = english.translation_group.clone();
    for term in [&english, &german, &other, &category] {
        write.term_add(term).await.unwrap();
    }
    let tag = name("tag");
    write.entry_terms_set(&posts.name, &entry, &tag, std::slice::from_ref(&german.id)).await.unwrap();
    write
        .entry_terms_set(&posts.name, &entry, &category.taxonomy, std::slice::from_ref(&category.id))
        .await
        .unwrap();

    assert_eq!(write.term_translations(&tag, Some("de")).await.unwrap(), [german.clone()]);
    assert_eq!(write.term_translations(&tag, None).await.unwrap().len(), 3);
    assert!(write.term_translations(&name("none"), None).await.unwrap().is_empty());
    let all = write.entry_term_translations(&posts.name, &entry, None, None).await.unwrap();
    assert_eq!(all, [german.clone(), category, english.clone()]);
    let one = write.entry_term_translations(&posts.name, &entry, Some(&tag), Some("en")).await.unwrap();
    assert_eq!(one, [english]);
}
