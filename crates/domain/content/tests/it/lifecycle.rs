//! Every row of CMS contract §3.14, with and without revisions.

use emdash_content::{ContentPatch, NewContent, Target};
use emdash_store::content::EntryStatus::{Draft, Published, Scheduled};
use emdash_types::{ErrorCode, RevisionId, Timestamp};
use serde_json::json;

use crate::support::{PLAIN, Site, admin, fields};

fn patch(data: serde_json::Value) -> ContentPatch {
    ContentPatch { data: Some(fields(data)), ..ContentPatch::default() }
}

#[tokio::test]
async fn a_new_entry_is_a_draft_at_version_1_with_a_slug_from_its_title() {
    let site = Site::new().await;
    for collection in ["posts", PLAIN] {
        let new = NewContent { data: fields(json!({"title": "Hello, World"})), ..NewContent::default() };
        let saved = site.content.create(&admin(), collection, new.clone()).await.unwrap();
        let item = &saved.item;
        assert_eq!((item.status, item.version, item.slug.as_deref()), (Draft, 1, Some("hello-world")));
        assert_eq!(
            (&item.live_revision_id, &item.draft_revision_id, item.published_at),
            (&None, &None, None)
        );
        assert_eq!(item.translation_group, item.id.as_str());
        let second = site.content.create(&admin(), collection, new.clone()).await.unwrap();
        assert_eq!(second.item.slug.as_deref(), Some("hello-world-1"));
        let explicit = NewContent { slug: Some("hello-world".to_owned()), ..new };
        let error = site.content.create(&admin(), collection, explicit).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::SlugConflict);
    }
}

#[tokio::test]
async fn an_update_is_staged_with_revisions_and_live_without() {
    let site = Site::new().await;
    for (collection, staged) in [("posts", true), (PLAIN, false)] {
        let id = site.published(collection, "Old").await;
        let target = Target::new(collection, &id);
        let before = site.content.get(&admin(), target).await.unwrap().item;
        site.clock.advance_millis(1000);
        let item = site.content.update(&admin(), target, patch(json!({"title": "New"}))).await.unwrap().item;
        assert_eq!((item.version, item.status), (before.version + 1, Published));
        assert_eq!(item.data["title"], "New");
        assert_eq!(item.live_data.as_ref().map(|live| live["title"].clone()), staged.then(|| json!("Old")));
        assert_eq!(item.draft_revision_id.is_some(), staged);
        assert_eq!(item.updated_at == before.updated_at, staged);
        assert_eq!(site.found("new").await.contains(&id), !staged);
        let compared = site.content.compare(&admin(), target).await.unwrap();
        assert_eq!((compared.has_changes, compared.draft.is_some()), (staged, staged));
    }
}

#[tokio::test]
async fn a_staged_slug_and_an_emptied_field_arrive_with_publication() {
    let site = Site::new().await;
    let id = site.published("posts", "Old").await;
    let target = Target::new("posts", &id);
    site.content.update(&admin(), target, patch(json!({"excerpt": "words"}))).await.unwrap();
    site.content.publish(&admin(), target, None).await.unwrap();
    let change = ContentPatch { slug: Some("moved".to_owned()), ..patch(json!({"excerpt": null})) };
    let item = site.content.update(&admin(), target, change).await.unwrap().item;
    assert_eq!((item.slug.as_deref(), item.data.get("excerpt")), (Some("moved"), None));
    assert_eq!(item.live_data.unwrap()["excerpt"], "words");
    assert!(site.content.get(&admin(), Target::new("posts", "moved")).await.is_err());
    let item = site.content.publish(&admin(), target, None).await.unwrap();
    assert_eq!((item.slug.as_deref(), item.data.get("excerpt")), (Some("moved"), None));
    assert_eq!(site.content.get(&admin(), Target::new("posts", "moved")).await.unwrap().item.id.as_str(), id);
}

#[tokio::test]
async fn parts_beside_the_fields_are_always_live_at_once() {
    let site = Site::new().await;
    let id = site.published("posts", "Post").await;
    let target = Target::new("posts", &id);
    site.clock.advance_millis(1000);
    let change = ContentPatch {
        seo: Some(fields(json!({"title": "For search", "noIndex": true}))),
        published_at: Timestamp::parse("2020-01-01"),
        ..ContentPatch::default()
    };
    let item = site.content.update(&admin(), target, change).await.unwrap().item;
    assert_eq!((item.draft_revision_id, item.published_at), (None, Timestamp::parse("2020-01-01")));
    let seo = item.seo.unwrap();
    assert_eq!((seo.title.as_deref(), seo.no_index), (Some("For search"), true));
}

#[tokio::test]
async fn an_autosave_replaces_the_draft_revision() {
    let site = Site::new().await;
    let id = site.draft("posts", "Post").await;
    let target = Target::new("posts", &id);
    for round in 0..4 {
        let change = ContentPatch { skip_revision: true, ..patch(json!({"title": format!("T{round}")})) };
        site.content.update(&admin(), target, change).await.unwrap();
    }
    assert_eq!(site.content.revisions(&admin(), target, 50).await.unwrap().total, 1);
    site.content.update(&admin(), target, patch(json!({"title": "kept"}))).await.unwrap();
    assert_eq!(site.content.revisions(&admin(), target, 50).await.unwrap().total, 2);
}

#[tokio::test]
async fn only_fifty_revisions_are_kept_and_the_draft_is_one_of_them() {
    let site = Site::new().await;
    let id = site.draft("posts", "Post").await;
    let target = Target::new("posts", &id);
    for round in 0..60 {
        site.clock.advance_millis(1);
        site.content.update(&admin(), target, patch(json!({"title": format!("T{round}")}))).await.unwrap();
    }
    assert_eq!(site.content.revisions(&admin(), target, 100).await.unwrap().total, 50);
    assert_eq!(site.content.get(&admin(), target).await.unwrap().item.data["title"], "T59");
}

#[tokio::test]
async fn publication_makes_the_draft_live_and_keeps_the_first_date() {
    let site = Site::new().await;
    for collection in ["posts", PLAIN] {
        let id = site.draft(collection, "Found").await;
        let target = Target::new(collection, &id);
        let first = site.content.publish(&admin(), target, None).await.unwrap();
        assert_eq!((first.status, first.version), (Published, 1));
        assert_eq!(first.published_at, Some(site.ambient.now()));
        assert!(first.live_revision_id.is_some() && first.draft_revision_id.is_none());
        assert!(site.found("found").await.contains(&id));
        site.clock.advance_millis(5000);
        site.content.update(&admin(), target, patch(json!({"title": "Second"}))).await.unwrap();
        let again = site.content.publish(&admin(), target, None).await.unwrap();
        assert_eq!((again.published_at, &again.data["title"]), (first.published_at, &json!("Second")));
        assert_eq!(again.draft_revision_id, None);
        assert!(site.found("second").await.contains(&id));
    }
}

#[tokio::test]
async fn without_a_slug_an_entry_is_not_published() {
    let site = Site::new().await;
    let mut transaction = site.store.write().await.unwrap();
    let mut pages = transaction.collection_list().await.unwrap();
    let mut untitled = pages.pop().unwrap();
    untitled.id = site.ambient.ulid();
    untitled.name = emdash_types::CollectionName::parse("untitled").unwrap();
    untitled.fields.retain(|field| field.slug.as_str() == "excerpt");
    untitled.fields[0].id = site.ambient.ulid();
    transaction.collection_add(&untitled).await.unwrap();
    transaction.commit().await.unwrap();
    site.content.forget_collections();
    let new = NewContent { data: fields(json!({"excerpt": "x"})), ..NewContent::default() };
    let item = site.content.create(&admin(), "untitled", new).await.unwrap().item;
    assert_eq!(item.slug, None);
    let target = Target::new("untitled", item.id.as_str());
    let error = site.content.publish(&admin(), target, None).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ValidationError);
    assert_eq!(site.content.get(&admin(), target).await.unwrap().item.status, Draft);
}

#[tokio::test]
async fn unpublishing_keeps_the_words_as_a_draft() {
    let site = Site::new().await;
    for (collection, revisions) in [("posts", true), (PLAIN, false)] {
        let id = site.published(collection, "Public").await;
        let target = Target::new(collection, &id);
        let item = site.content.unpublish(&admin(), target).await.unwrap();
        assert_eq!((item.status, item.published_at, &item.data["title"]), (Draft, None, &json!("Public")));
        assert_eq!(item.draft_revision_id.is_some(), revisions);
        assert_eq!(item.live_revision_id.is_none(), revisions);
        assert!(!site.found("public").await.contains(&id));
        let error = site.content.unpublish(&admin(), target).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidState);
    }
}

#[tokio::test]
async fn what_is_due_is_published_by_the_sweep_and_nothing_else() {
    let site = Site::new().await;
    for collection in ["posts", PLAIN] {
        let (soon, later) = (site.draft(collection, "Soon").await, site.draft(collection, "Later").await);
        let now = site.ambient.now();
        for (id, millis) in [(&soon, 1000), (&later, 9000)] {
            let target = Target::new(collection, id);
            let item = site.content.schedule(&admin(), target, now.plus_millis(millis)).await.unwrap();
            assert_eq!((item.status, item.scheduled_at), (Scheduled, Some(now.plus_millis(millis))));
        }
        let past = site.content.schedule(&admin(), Target::new(collection, &soon), now).await.unwrap_err();
        assert_eq!(past.code(), ErrorCode::ValidationError);
        assert_eq!(site.content.next_due().await.unwrap(), Some(now.plus_millis(1000)));
        assert!(site.content.publish_due().await.unwrap().published.is_empty());
        site.clock.advance_millis(1000);
        let sweep = site.content.publish_due().await.unwrap();
        assert_eq!(sweep.published.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [soon.as_str()]);
        let item = site.content.get(&admin(), Target::new(collection, &soon)).await.unwrap().item;
        assert_eq!((item.status, item.scheduled_at), (Published, None));
        let item = site.content.unschedule(&admin(), Target::new(collection, &later)).await.unwrap();
        assert_eq!((item.status, item.scheduled_at), (Draft, None));
        assert_eq!(site.content.next_due().await.unwrap(), None);
    }
}

#[tokio::test]
async fn staged_changes_of_a_public_entry_can_be_scheduled() {
    let site = Site::new().await;
    let id = site.published("posts", "Old").await;
    let target = Target::new("posts", &id);
    site.content.update(&admin(), target, patch(json!({"title": "New"}))).await.unwrap();
    let at = site.ambient.now().plus_millis(1000);
    let item = site.content.schedule(&admin(), target, at).await.unwrap();
    assert_eq!((item.status, item.live_data.unwrap()["title"].as_str()), (Published, Some("Old")));
    site.clock.advance_millis(1000);
    assert_eq!(site.content.publish_due().await.unwrap().published.len(), 1);
    let item = site.content.get(&admin(), target).await.unwrap().item;
    assert_eq!((item.live_data, &item.data["title"]), (None, &json!("New")));
}

#[tokio::test]
async fn a_discarded_draft_stays_in_the_history() {
    let site = Site::new().await;
    let id = site.published("posts", "Live").await;
    let target = Target::new("posts", &id);
    let staged = site.content.update(&admin(), target, patch(json!({"title": "Draft"}))).await.unwrap();
    let item = site.content.discard_draft(&admin(), target).await.unwrap();
    assert_eq!((item.draft_revision_id, &item.data["title"]), (None, &json!("Live")));
    assert_eq!(site.content.revisions(&admin(), target, 10).await.unwrap().total, 2);
    // Whoever still edits the discarded draft learns of it.
    let stale = ContentPatch { rev: Some(staged.rev.encode()), ..patch(json!({"title": "X"})) };
    assert_eq!(site.content.update(&admin(), target, stale).await.unwrap_err().code(), ErrorCode::Conflict);
}

#[tokio::test]
async fn an_old_revision_comes_back_as_a_draft_or_at_once() {
    let site = Site::new().await;
    for (collection, staged) in [("posts", true), (PLAIN, false)] {
        let id = site.published(collection, "One").await;
        let target = Target::new(collection, &id);
        let first: RevisionId =
            site.content.get(&admin(), target).await.unwrap().item.live_revision_id.unwrap();
        site.content.update(&admin(), target, patch(json!({"title": "Two", "excerpt": "e"}))).await.unwrap();
        site.content.publish(&admin(), target, None).await.unwrap();
        let item = site.content.revision_restore(&admin(), &first).await.unwrap();
        assert_eq!((&item.data["title"], item.data.get("excerpt")), (&json!("One"), None));
        assert_eq!(item.live_data.map(|live| live["title"].clone()), staged.then(|| json!("Two")));
    }
}

#[tokio::test]
async fn the_trash_keeps_the_status_and_permanent_deletion_needs_it() {
    let site = Site::new().await;
    let id = site.published("posts", "Bin").await;
    let target = Target::new("posts", &id);
    let error = site.content.delete_permanent(&admin(), target).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidState);
    assert_eq!(site.content.delete(&admin(), target).await.unwrap().as_str(), id);
    let error = site.content.get(&admin(), target).await.unwrap_err();
    assert_eq!(
        (error.code(), error.message().to_owned()),
        (ErrorCode::NotFound, format!("Content item not found: {id}"))
    );
    assert!(site.found("bin").await.is_empty());
    let trash = site.content.trash(&admin(), "posts", 10, None).await.unwrap();
    assert!(trash.total == 1 && trash.items[0].deleted_at.is_some());
    let item = site.content.restore(&admin(), target).await.unwrap();
    assert_eq!((item.status, item.deleted_at), (Published, None));
    assert_eq!(site.found("bin").await, [id.as_str()]);
    site.content.delete(&admin(), target).await.unwrap();
    site.content.delete_permanent(&admin(), target).await.unwrap();
    assert_eq!(site.content.restore(&admin(), target).await.unwrap_err().code(), ErrorCode::NotFound);
    let collection = emdash_types::CollectionName::parse("posts").unwrap();
    let mut transaction = site.store.read().await.unwrap();
    let revisions = transaction.revision_count(&collection, &id.as_str().into()).await.unwrap();
    assert_eq!(revisions, 0);
}

#[tokio::test]
async fn a_scheduled_entry_comes_back_scheduled() {
    let site = Site::new().await;
    let id = site.draft("posts", "Soon").await;
    let target = Target::new("posts", &id);
    site.content.schedule(&admin(), target, site.ambient.now().plus_millis(1000)).await.unwrap();
    site.content.delete(&admin(), target).await.unwrap();
    site.clock.advance_millis(2000);
    assert!(site.content.publish_due().await.unwrap().published.is_empty());
    assert_eq!(site.content.restore(&admin(), target).await.unwrap().status, Scheduled);
    assert_eq!(site.content.publish_due().await.unwrap().published.len(), 1);
}

#[tokio::test]
async fn a_copy_is_a_draft_with_its_own_slug_and_no_canonical_address() {
    let site = Site::new().await;
    let id = site.published("posts", "P2").await;
    let target = Target::new("posts", &id);
    let seo = fields(json!({"title": "S", "canonical": "https://site.example/p2"}));
    let change = ContentPatch { seo: Some(seo), ..ContentPatch::default() };
    site.content.update(&admin(), target, change).await.unwrap();
    let copy = site.content.duplicate(&admin(), target).await.unwrap();
    assert_eq!((copy.status, copy.slug.as_deref()), (Draft, Some("p2-copy")));
    assert_eq!(copy.data["title"], "P2 (Copy)");
    let seo = copy.seo.unwrap();
    assert_eq!((seo.title.as_deref(), seo.canonical), (Some("S"), None));
}
