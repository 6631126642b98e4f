//! What every place for blobs must do, and what a folder must not.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use std::fs;

use bytes::Bytes;
use emdash_blobs::{FolderBlobs, MemoryBlobs};
use emdash_ports::blobs::Blobs;
use emdash_types::ErrorCode;
use tempfile::TempDir;

fn places() -> (TempDir, Vec<Box<dyn Blobs>>) {
    let folder = TempDir::new().unwrap();
    let blobs = FolderBlobs::new(folder.path().join("media/files")).unwrap();
    (folder, vec![Box::new(blobs), Box::new(MemoryBlobs::default())])
}

#[tokio::test]
async fn what_was_put_is_got_until_it_is_replaced_or_deleted() {
    let (_folder, places) = places();
    for blobs in places {
        let key = "bundles/ab/Audit-log_1.0.0.tar.gz";
        assert_eq!(blobs.get(key).await.unwrap(), None);
        blobs.put(key, Bytes::from_static(b"first, longer")).await.unwrap();
        blobs.put(key, Bytes::from_static(b"second")).await.unwrap();
        assert_eq!(blobs.get(key).await.unwrap(), Some(Bytes::from_static(b"second")));
        assert_eq!(blobs.get("bundles/ab").await.unwrap(), None);

        blobs.delete(key).await.unwrap();
        blobs.delete(key).await.unwrap();
        assert_eq!(blobs.get(key).await.unwrap(), None);

        blobs.put("empty", Bytes::new()).await.unwrap();
        assert_eq!(blobs.get("empty").await.unwrap(), Some(Bytes::new()));
    }
}

#[tokio::test]
async fn a_key_that_could_leave_the_store_or_name_two_places_is_refused() {
    let (folder, places) = places();
    fs::write(folder.path().join("secret"), "s").unwrap();
    let long_part = "x".repeat(201);
    let long_key = ["x"; 600].join("/");
    let keys = [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../secret",
        "a/../../secret",
        "a/./b",
        "a//b",
        "a/",
        "a\\..\\b",
        "C:x",
        "a\0b",
        "a b",
        "a%2e%2e",
        "a#1",
        "é",
        "~",
        &long_part,
        &long_key,
    ];
    for blobs in places {
        for key in keys {
            for refused in [
                blobs.get(key).await.unwrap_err(),
                blobs.put(key, Bytes::new()).await.unwrap_err(),
                blobs.delete(key).await.unwrap_err(),
            ] {
                assert_eq!(refused.code(), ErrorCode::ValidationError, "{key:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_folder_keeps_blobs_across_openings_and_leaves_nothing_beside_them() {
    let folder = TempDir::new().unwrap();
    let blobs = FolderBlobs::new(folder.path()).unwrap();
    for content in ["one", "two", "three"] {
        blobs.put("a/b", Bytes::from(content)).await.unwrap();
    }
    let again = FolderBlobs::new(folder.path()).unwrap();
    assert_eq!(again.get("a/b").await.unwrap().unwrap(), "three");
    let names: Vec<_> =
        fs::read_dir(folder.path().join("a")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["b"]);
}

#[tokio::test]
async fn concurrent_puts_leave_one_of_them_whole() {
    let folder = TempDir::new().unwrap();
    let blobs = FolderBlobs::new(folder.path()).unwrap();
    let contents = [b'a', b'b', b'c', b'd'].map(|letter| Bytes::from(vec![letter; 100_000]));
    let [one, two, three, four] = contents.clone().map(|content| blobs.put("k", content));
    let (one, two, three, four) = tokio::join!(one, two, three, four);
    for result in [one, two, three, four] {
        result.unwrap();
    }
    assert!(contents.contains(&blobs.get("k").await.unwrap().unwrap()));
}

#[test]
fn a_file_in_the_folders_place_is_a_failure_at_once() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(FolderBlobs::new(folder.path().join("file")).is_err());
}
