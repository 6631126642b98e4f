//! Revisions.

use std::sync::Arc;

use serde_json::json;

use super::Make;
use super::make::object;
use crate::SiteStore;
use crate::content::{Collection, Entry, Revision};

fn revision(make: &Make, posts: &Collection, entry: &Entry, serial: usize) -> Revision {
    Revision {
        id: make.ambient.id(),
        collection: posts.name.clone(),
        entry_id: entry.id.clone(),
        data: object(json!({"z": serial, "_slug": "x", "a": [null]})),
        author_id: Some(make.ambient.id()),
        created_at: make.instant(),
    }
}

/// What was stored comes back, key order included.
pub async fn revisions_are_listed_newest_first(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.posts();
    let entry = make.entry(&posts, "a", json!({}));
    let mut write = store.write().await.unwrap();
    let mut added = Vec::new();
    for serial in 0..4 {
        let revision = revision(&make, &posts, &entry, serial);
        write.revision_add(&revision).await.unwrap();
        added.insert(0, revision);
    }
    assert_eq!(write.revision_list(&posts.name, &entry.id, 3).await.unwrap(), added[..3]);
    assert_eq!(write.revision_count(&posts.name, &entry.id).await.unwrap(), 4);
    let newest = write.revision_lookup(&added[0].id).await.unwrap().unwrap();
    assert_eq!(newest.data.keys().collect::<Vec<_>>(), ["z", "_slug", "a"]);
    write.revision_delete(&added[0].id).await.unwrap();
    assert_eq!(write.revision_lookup(&added[0].id).await.unwrap(), None);
}

/// However old these are.
pub async fn pruning_spares_the_newest_the_live_and_the_draft(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut entry = make.entry(&posts, "a", json!({}));
    let other = make.entry(&posts, "b", json!({}));
    let mut write = store.write().await.unwrap();
    let mut added = Vec::new();
    for serial in 0..8 {
        let revision = revision(&make, &posts, &entry, serial);
        write.revision_add(&revision).await.unwrap();
        added.push(revision.id);
    }
    write.revision_add(&revision(&make, &posts, &other, 0)).await.unwrap();
    entry.live_revision_id = Some(added[1].clone());
    entry.draft_revision_id = Some(added[3].clone());
    for entry in [&entry, &other] {
        write.entry_add(&posts, entry).await.unwrap();
    }
    write.revision_prune(&posts.name, &entry.id, 2).await.unwrap();
    let left = write.revision_list(&posts.name, &entry.id, 10).await.unwrap();
    let left: Vec<_> = left.into_iter().map(|revision| revision.id).collect();
    assert_eq!(left, [&added[7], &added[6], &added[3], &added[1]].map(Clone::clone));
    assert_eq!(write.revision_count(&posts.name, &other.id).await.unwrap(), 1);
}
