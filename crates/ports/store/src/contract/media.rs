//! The media library.

use std::sync::Arc;

use emdash_types::{ErrorCode, PageRequest, Timestamp};

use super::Make;
use crate::SiteStore;
use crate::content::{Media, MediaStatus};

fn media(make: &Make, created_at: Timestamp) -> Media {
    Media {
        id: make.ambient.id(),
        filename: "a.jpg".to_owned(),
        mime_type: "image/jpeg".to_owned(),
        size: Some(5_000_000_000),
        width: Some(800),
        height: None,
        alt: Some("A cat".to_owned()),
        caption: None,
        storage_key: "media/a.jpg".to_owned(),
        content_hash: Some("sha1:00".to_owned()),
        status: MediaStatus::Pending,
        author_id: None,
        created_at,
    }
}

/// One by one and several at once.
pub async fn media_reads_back_and_changes(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let mut item = media(&make, make.instant());
    let other = media(&make, make.instant());
    for item in [&item, &other] {
        write.media_add(item).await.unwrap();
    }
    item.status = MediaStatus::Ready;
    item.caption = Some("Its caption".to_owned());
    write.media_update(&item).await.unwrap();
    assert_eq!(write.media_lookup(&item.id).await.unwrap().as_ref(), Some(&item));
    let mut many =
        write.media_lookup_many(&[other.id.clone(), "none".into(), item.id.clone()]).await.unwrap();
    many.sort_by_key(|item| item.created_at);
    assert_eq!(many, [item.clone(), other]);
    write.media_delete(&item.id).await.unwrap();
    assert_eq!(write.media_lookup(&item.id).await.unwrap(), None);
    assert_eq!(write.media_count().await.unwrap(), 1);
    assert_eq!(write.media_update(&item).await.unwrap_err().code(), ErrorCode::NotFound);
}

/// Also where many have the same instant.
pub async fn media_pages_are_newest_first_without_gaps(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let at = make.instant();
    let mut expected = Vec::new();
    for serial in 0..9 {
        let item = media(&make, at.plus_millis(serial / 4));
        write.media_add(&item).await.unwrap();
        expected.push(item);
    }
    expected.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    let mut request = PageRequest::first(2);
    let mut walked = Vec::new();
    loop {
        let page = write.media_list(&request).await.unwrap();
        walked.extend(page.items);
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(walked, expected);
}
