//! Bylines.

use std::sync::Arc;

use emdash_types::ErrorCode;
use serde_json::json;

use super::Make;
use crate::SiteStore;

/// By id, slug and account, and in the list by name.
pub async fn bylines_read_back(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let user = make.ambient.id();
    let (ann, zoe) = (make.byline("ann", Some(&user)), make.byline("zoe", None));
    for byline in [&zoe, &ann] {
        write.byline_add(byline).await.unwrap();
    }
    assert_eq!(write.byline_lookup(&zoe.id).await.unwrap().as_ref(), Some(&zoe));
    assert_eq!(write.byline_find_by_slug("ann").await.unwrap().as_ref(), Some(&ann));
    assert_eq!(write.byline_find_by_user(&user).await.unwrap().as_ref(), Some(&ann));
    assert_eq!(write.byline_find_by_slug("none").await.unwrap(), None);
    assert_eq!(write.byline_list().await.unwrap(), [ann, zoe]);
}

/// Within the locale.
pub async fn a_taken_byline_slug_is_a_slug_conflict(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    write.byline_add(&make.byline("ann", None)).await.unwrap();
    let error = write.byline_add(&make.byline("ann", None)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SlugConflict);
}

/// The order of the credits is the order given, and the old ones are gone.
pub async fn credits_are_replaced_in_order(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.posts();
    let entry = make.entry(&posts, "a", json!({})).id;
    let mut write = store.write().await.unwrap();
    let bylines = ["ann", "bob", "cat"].map(|slug| make.byline(slug, None));
    for byline in &bylines {
        write.byline_add(byline).await.unwrap();
    }
    let [ann, bob, cat] = bylines.map(|byline| byline.id);
    let photo = Some("Photography".to_owned());
    let first = [(ann.clone(), None), (bob, None), (cat.clone(), None)];
    write.entry_bylines_set(&posts.name, &entry, &first).await.unwrap();
    let second = [(cat.clone(), None), (ann.clone(), None), (cat, photo)];
    write.entry_bylines_set(&posts.name, &entry, &second).await.unwrap();
    let found = write.entry_bylines(&posts.name, &[entry.clone(), "other".into()]).await.unwrap();
    assert!(found.iter().all(|(id, _)| *id == entry));
    let credits: Vec<_> =
        found.into_iter().map(|(_, credit)| (credit.byline.id, credit.role_label)).collect();
    assert_eq!(credits, second);
}
