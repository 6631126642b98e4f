//! The save pipeline and its hooks (plugin contract §4.6).

use std::sync::Arc;

use emdash_content::{ContentHook, ContentPatch, EVENT_JOB, NewContent, Target};
use emdash_store::operations::JobStatus;
use emdash_types::{Caller, Error, ErrorCode, PluginCaller, PluginId};
use serde_json::json;

use crate::support::{Script, Site, admin, fields};

fn new(data: serde_json::Value) -> NewContent {
    NewContent { data: fields(data), ..NewContent::default() }
}

#[tokio::test]
async fn a_refused_save_stores_nothing() {
    let script = Script::new(|_, _| Err(Error::new(ErrorCode::SaveRejected, "strict: beforeSave: no")));
    let site = Site::with_hooks(Arc::new(script.clone())).await;
    let before = site.content.generation().current();
    let error = site.content.create(&admin(), "posts", new(json!({"title": "T"}))).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (ErrorCode::SaveRejected, "strict: beforeSave: no"));
    assert_eq!(site.content.list(&admin(), "posts", &Default::default()).await.unwrap().total, 0);
    let mut transaction = site.store.read().await.unwrap();
    assert!(transaction.audit_list(10).await.unwrap().is_empty());
    assert_eq!(transaction.job_counts().await.unwrap(), (0, 0, 0));
    assert!(script.seen().is_empty());
    assert_eq!(site.content.generation().current(), before);
}

#[tokio::test]
async fn what_a_hook_answers_is_validated_like_what_a_client_sends() {
    let script = Script::new(|mut content, _| {
        content.insert("bogus".to_owned(), json!(1));
        Ok(content)
    });
    let site = Site::with_hooks(Arc::new(script)).await;
    let error = site.content.create(&admin(), "posts", new(json!({"title": "T"}))).await.unwrap_err();
    assert_eq!(error.message(), "bogus: unknown field on collection 'posts'");
    assert_eq!(site.content.list(&admin(), "posts", &Default::default()).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_hook_may_repair_invalid_input_and_its_title_makes_the_slug() {
    let script = Script::new(|mut content, is_new| {
        if is_new {
            content.insert("title".to_owned(), json!("Repaired"));
        }
        Ok(content)
    });
    let site = Site::with_hooks(Arc::new(script)).await;
    let item = site.content.create(&admin(), "posts", new(json!({"title": 5}))).await.unwrap().item;
    assert_eq!((item.slug.as_deref(), &item.data["title"]), (Some("repaired"), &json!("Repaired")));
}

#[tokio::test]
async fn an_update_shows_hooks_only_what_was_sent_and_nothing_without_data() {
    let script = Script::silent();
    let site = Site::with_hooks(Arc::new(script.clone())).await;
    let id = site.draft("posts", "T").await;
    let target = Target::new("posts", &id);
    let data = Some(fields(json!({"excerpt": "e"})));
    site.content.update(&admin(), target, ContentPatch { data, ..Default::default() }).await.unwrap();
    let slug = Some("other".to_owned());
    site.content.update(&admin(), target, ContentPatch { slug, ..Default::default() }).await.unwrap();
    let expected = [fields(json!({"title": "T"})), fields(json!({"excerpt": "e"}))];
    assert_eq!(*script.saves.lock(), expected);
}

#[tokio::test]
async fn the_lock_is_checked_before_and_after_the_hooks() {
    let script = Script::silent();
    let site = Site::with_hooks(Arc::new(script.clone())).await;
    let id = site.draft("posts", "T").await;
    let target = Target::new("posts", &id);
    for rev in ["BAD", "OTk6MjAyNi0xMS0yMFQxMDozMjo1OC4wOTJa"] {
        let patch = ContentPatch {
            data: Some(fields(json!({"title": "X"}))),
            rev: Some(rev.to_owned()),
            ..Default::default()
        };
        let error = site.content.update(&admin(), target, patch).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict);
    }
    assert_eq!(script.saves.lock().len(), 1, "only the creation reached the hooks");
}

#[tokio::test]
async fn each_event_is_a_claimed_job_with_the_whole_item() {
    let script = Script::silent();
    let site = Site::with_hooks(Arc::new(script.clone())).await;
    let id = site.draft("posts", "T").await;
    let target = Target::new("posts", &id);
    let saved = script.events.lock().pop().unwrap();
    assert_eq!(saved.event.hook, ContentHook::AfterSave { is_new: true });
    let content = &saved.event.content;
    assert_eq!(
        (&content["id"], &content["type"], &content["slug"]),
        (&json!(id), &json!("posts"), &json!("t"))
    );
    assert_eq!((&content["data"]["title"], &content["version"]), (&json!("T"), &json!(1)));
    let mut transaction = site.store.write().await.unwrap();
    let now = site.ambient.now();
    assert!(transaction.job_claim(now, now, 10).await.unwrap().is_empty(), "this process has claimed it");
    let late = now.plus_millis(60_001);
    let jobs = transaction.job_claim(late, late.plus_millis(1), 10).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].kind.as_str(), jobs[0].status), (1, EVENT_JOB, JobStatus::Running));
    assert_eq!(jobs[0].id, saved.job);
    assert_eq!(
        serde_json::from_value::<emdash_content::ContentEvent>(jobs[0].payload.clone()).unwrap(),
        saved.event
    );
    drop(transaction);
    site.content.publish(&admin(), target, None).await.unwrap();
    site.content.unpublish(&admin(), target).await.unwrap();
    site.content.schedule(&admin(), target, now.plus_millis(5)).await.unwrap();
    site.content.unschedule(&admin(), target).await.unwrap();
    site.content.delete(&admin(), target).await.unwrap();
    site.content.restore(&admin(), target).await.unwrap();
    site.content.delete(&admin(), target).await.unwrap();
    site.content.delete_permanent(&admin(), target).await.unwrap();
    use ContentHook as H;
    let expected = [
        H::AfterPublish,
        H::AfterUnpublish,
        H::AfterSchedule,
        H::AfterUnschedule,
        H::AfterDelete { permanent: false },
        H::AfterRestore,
        H::AfterDelete { permanent: false },
        H::AfterDelete { permanent: true },
    ];
    assert_eq!(script.seen(), expected);
}

#[tokio::test]
async fn an_event_of_a_staged_change_shows_both_states() {
    let script = Script::silent();
    let site = Site::with_hooks(Arc::new(script.clone())).await;
    let id = site.published("posts", "Live").await;
    let data = Some(fields(json!({"title": "Draft"})));
    let patch = ContentPatch { data, ..Default::default() };
    site.content.update(&admin(), Target::new("posts", &id), patch).await.unwrap();
    let event = script.events.lock().pop().unwrap().event;
    assert_eq!(event.content["data"]["title"], "Draft");
    assert_eq!(event.content["liveData"]["title"], "Live");
}

#[tokio::test]
async fn where_nobody_listens_no_job_is_written() {
    let site = Site::new().await;
    site.published("posts", "T").await;
    assert_eq!(site.store.read().await.unwrap().job_counts().await.unwrap(), (0, 0, 0));
}

#[tokio::test]
async fn a_veto_keeps_the_entry() {
    let site = Site::with_hooks(Arc::new(Script::forbidding_deletion())).await;
    let id = site.draft("posts", "T").await;
    let target = Target::new("posts", &id);
    let error = site.content.delete(&admin(), target).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DeleteBlocked);
    assert!(site.content.get(&admin(), target).await.is_ok());
}

#[tokio::test]
async fn a_plugins_post_is_validated_attributed_and_audited_and_names_who_is_behind_it() {
    let script = Script::silent();
    let site = Site::with_hooks(Arc::new(script.clone())).await;
    let id = |id: &str| PluginId::parse(id).unwrap();
    let plugin = Caller::Plugin(PluginCaller { id: id("auto-blog"), within: vec![id("planner")] });
    assert!(site.content.create(&plugin, "posts", new(json!({"titel": "T"}))).await.is_err());
    let item = site.content.create(&plugin, "posts", new(json!({"title": "T"}))).await.unwrap().item;
    assert_eq!(item.author_id, None);
    assert_eq!(script.begun.lock()[1], [id("planner"), id("auto-blog")]);
    let told = script.events.lock().clone();
    assert_eq!((told.len(), &told[0].event.causes), (1, &vec![id("planner"), id("auto-blog")]));
    let audit = site.store.read().await.unwrap().audit_list(10).await.unwrap();
    assert_eq!(
        (audit.len(), audit[0].actor.as_str(), audit[0].action.as_str()),
        (1, "plugin:auto-blog", "content.create")
    );
    assert_eq!(audit[0].resource, format!("posts/{}", item.id));
}

#[tokio::test]
async fn every_committed_change_outdates_caches() {
    let site = Site::new().await;
    let before = site.content.generation().current();
    site.published("posts", "T").await;
    assert_eq!(site.content.generation().current(), before + 2);
}
