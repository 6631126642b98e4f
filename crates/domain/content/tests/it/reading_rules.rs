//! Who may see and do what, and the wire shapes (CMS contract §2.1, §3.1, §3.15).

use emdash_content::{ContentPatch, ListQuery, NewContent, Target};
use emdash_types::{Caller, ErrorCode, Role};
use serde_json::json;

use crate::support::{Site, admin, caller, fields};

#[tokio::test]
async fn who_may_not_read_drafts_sees_published_values_only() {
    let site = Site::new().await;
    let (public, hidden) = (site.published("posts", "Live").await, site.draft("posts", "Hidden").await);
    let target = Target::new("posts", &public);
    let patch = ContentPatch { data: Some(fields(json!({"title": "Draft"}))), ..Default::default() };
    site.content.update(&admin(), target, patch).await.unwrap();
    let reader = caller(Role::Subscriber);
    let item = site.content.get(&reader, target).await.unwrap().item;
    assert_eq!((&item.data["title"], item.draft_revision_id, item.live_data), (&json!("Live"), None, None));
    let error = site.content.get(&reader, Target::new("posts", &hidden)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    let list = site.content.list(&reader, "posts", &ListQuery::default()).await.unwrap();
    assert_eq!((list.total, list.items.len()), (1, 1));
    assert_eq!(site.content.list(&admin(), "posts", &ListQuery::default()).await.unwrap().total, 2);
    let error = site.content.list(&Caller::Anonymous, "posts", &ListQuery::default()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotAuthenticated);
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let site = Site::new().await;
    let new = || NewContent { data: fields(json!({"title": "T"})), ..NewContent::default() };
    let error = site.content.create(&caller(Role::Subscriber), "posts", new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    let foreign = site.draft("posts", "Foreign").await;
    for (role, own_edit, any_edit) in
        [(Role::Contributor, false, false), (Role::Author, true, false), (Role::Editor, true, true)]
    {
        let caller = caller(role);
        let own = site.content.create(&caller, "posts", new()).await.unwrap().item.id.to_string();
        for (id, may) in [(&own, own_edit), (&foreign, any_edit)] {
            let target = Target::new("posts", id);
            let patch = ContentPatch { data: Some(fields(json!({"excerpt": "x"}))), ..Default::default() };
            let outcomes = [
                site.content.update(&caller, target, patch).await.is_ok(),
                site.content.publish(&caller, target, None).await.is_ok(),
                site.content.discard_draft(&caller, target).await.is_ok(),
                site.content.delete(&caller, target).await.is_ok(),
            ];
            assert_eq!(outcomes, [may; 4], "{role:?}");
        }
    }
    let error = site.content.delete_permanent(&caller(Role::Editor), Target::new("posts", &foreign)).await;
    assert_eq!(error.unwrap_err().code(), ErrorCode::Forbidden);
}

#[tokio::test]
async fn another_owner_is_honoured_from_editors_only_and_a_date_refused_to_authors() {
    let site = Site::new().await;
    let author = caller(Role::Author);
    let new = NewContent { data: fields(json!({"title": "T"})), ..NewContent::default() };
    let id = site.content.create(&author, "posts", new).await.unwrap().item.id.to_string();
    let target = Target::new("posts", &id);
    let give =
        || ContentPatch { author_id: Some(crate::support::user_id(Role::Editor)), ..Default::default() };
    let item = site.content.update(&author, target, give()).await.unwrap().item;
    assert_eq!(item.author_id, Some(crate::support::user_id(Role::Author)));
    let dated = ContentPatch { published_at: Some(site.ambient.now()), ..Default::default() };
    assert_eq!(site.content.update(&author, target, dated).await.unwrap_err().code(), ErrorCode::Forbidden);
    let item = site.content.update(&admin(), target, give()).await.unwrap().item;
    assert_eq!(item.author_id, Some(crate::support::user_id(Role::Editor)));
}

#[tokio::test]
async fn an_item_has_the_recorded_shape() {
    let site = Site::new().await;
    let new = NewContent {
        data: fields(json!({"title": "Hello", "content": [{"_type": "block", "x": 1}]})),
        ..NewContent::default()
    };
    let saved = site.content.create(&admin(), "posts", new).await.unwrap();
    let mut value = serde_json::to_value(&saved).unwrap();
    for id in ["id", "translationGroup"] {
        value["item"][id] = json!("01…");
    }
    insta::assert_json_snapshot!(value, @r#"
    {
      "item": {
        "id": "01…",
        "type": "posts",
        "slug": "hello",
        "status": "draft",
        "data": {
          "title": "Hello",
          "content": [
            {
              "_type": "block",
              "x": 1
            }
          ]
        },
        "authorId": "user50",
        "primaryBylineId": null,
        "createdAt": "2026-11-20T10:00:00.000Z",
        "updatedAt": "2026-11-20T10:00:00.000Z",
        "publishedAt": null,
        "scheduledAt": null,
        "liveRevisionId": null,
        "draftRevisionId": null,
        "version": 1,
        "locale": "en",
        "translationGroup": "01…",
        "seo": {
          "title": null,
          "description": null,
          "image": null,
          "canonical": null,
          "noIndex": false
        },
        "bylines": [],
        "byline": null
      },
      "_rev": "MToyMDI2LTExLTIwVDEwOjAwOjAwLjAwMFo="
    }
    "#);
}

#[tokio::test]
async fn lists_page_and_order_and_refuse_what_they_do_not_have() {
    let site = Site::new().await;
    for title in ["b", "a", "c"] {
        site.clock.advance_millis(1);
        site.draft("posts", title).await;
    }
    let query = |limit, order_by: &str, cursor| ListQuery {
        limit,
        order_by: Some(order_by.to_owned()),
        ascending: true,
        cursor,
        ..ListQuery::default()
    };
    let titles = |list: &emdash_content::ItemList| {
        list.items.iter().map(|item| item.data["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = site.content.list(&admin(), "posts", &query(2, "title", None)).await.unwrap();
    assert_eq!((titles(&first), first.total), (vec!["a".to_owned(), "b".to_owned()], 3));
    let cursor = emdash_types::Cursor::decode(first.next_cursor.as_deref().unwrap()).unwrap();
    let last = site.content.list(&admin(), "posts", &query(2, "title", Some(cursor))).await.unwrap();
    assert_eq!((titles(&last), &last.next_cursor), (vec!["c".to_owned()], &None));
    for (limit, order_by) in [(0, "title"), (101, "title"), (2, "zzz"), (2, "excerpt")] {
        let error = site.content.list(&admin(), "posts", &query(limit, order_by, None)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ValidationError, "{limit} {order_by}");
    }
    let error = site.content.list(&admin(), "nope", &ListQuery::default()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::CollectionNotFound);
}

#[tokio::test]
async fn terms_are_given_by_slug_on_save_and_by_id_on_their_own() {
    let site = Site::new().await;
    let tag = emdash_store::content::Term {
        id: "tag1".into(),
        translation_group: "tag1".into(),
        taxonomy: emdash_types::CollectionName::parse("tag").unwrap(),
        slug: "rust".to_owned(),
        label: "Rust".to_owned(),
        parent_id: None,
        description: None,
        locale: "en".to_owned(),
        sort_order: 0,
    };
    let mut transaction = site.store.write().await.unwrap();
    transaction.term_add(&tag).await.unwrap();
    transaction.commit().await.unwrap();
    let new = |slug: &str| NewContent {
        data: fields(json!({"title": "T"})),
        taxonomies: Some([("tag".to_owned(), vec![slug.to_owned()])].into()),
        ..NewContent::default()
    };
    let error = site.content.create(&admin(), "posts", new("nope")).await.unwrap_err();
    assert_eq!(error.message(), "Unknown taxonomy term: tag='nope'");
    let id = site.content.create(&admin(), "posts", new("rust")).await.unwrap().item.id.to_string();
    let target = Target::new("posts", &id);
    let terms = site.content.terms(&admin(), target, "tag").await.unwrap();
    assert_eq!(terms.terms.iter().map(|term| term.label.as_str()).collect::<Vec<_>>(), ["Rust"]);
    assert!(site.content.terms_set(&admin(), target, "tag", &[]).await.unwrap().terms.is_empty());
    assert!(site.content.terms_set(&admin(), target, "category", &["tag1".into()]).await.is_err());
    assert_eq!(
        site.content.terms_set(&admin(), target, "tag", &["tag1".into()]).await.unwrap().terms.len(),
        1
    );
}

#[tokio::test]
async fn a_reference_must_point_at_something() {
    let site = Site::new().await;
    let new = |parent: &str| NewContent {
        data: fields(json!({"title": "Child", "parent": parent})),
        ..NewContent::default()
    };
    let error = site.content.create(&admin(), "pages", new("nowhere")).await.unwrap_err();
    assert_eq!(error.message(), "parent: no entry 'nowhere' in 'pages'");
    let parent = site.draft("pages", "Parent").await;
    assert!(site.content.create(&admin(), "pages", new(&parent)).await.is_ok());
}
