//! Scheduled tasks of plugins.

use std::sync::Arc;

use emdash_types::{CronTaskId, PluginId, Timestamp};
use futures::future::join_all;
use serde_json::json;

use super::Make;
use crate::plugins::{CronRun, CronTask, Lease};
use crate::{SiteStore, SiteTransaction};

const LEASE: i64 = 1000;

fn plugin(id: &str) -> PluginId {
    PluginId::parse(id).unwrap()
}

fn task(make: &Make, of: &str, name: &str) -> CronTask {
    CronTask {
        id: make.ambient.id(),
        plugin_id: plugin(of),
        name: name.to_owned(),
        schedule: "@daily".to_owned(),
        one_shot: false,
        data: Some(json!({"n": 1})),
        next_run_at: make.instant(),
        lease_until: None,
        claim: None,
        revision: 0,
        failures: 0,
        last_run_at: None,
        last_error: None,
    }
}

async fn claim(write: &mut dyn SiteTransaction, of: &[&str], now: Timestamp) -> Vec<CronTask> {
    let of: Vec<PluginId> = of.iter().map(|id| plugin(id)).collect();
    write.cron_claim(&of, now, &lease(now), 9).await.unwrap()
}

/// A lease that begins now, with a word of its own.
fn lease(now: Timestamp) -> Lease {
    Lease { claim: format!("at {now}"), until: now.plus_millis(LEASE) }
}

fn names(tasks: &[CronTask]) -> Vec<&str> {
    tasks.iter().map(|task| task.name.as_str()).collect()
}

fn ran(at: Timestamp, error: Option<&str>, next: Option<Timestamp>) -> CronRun {
    CronRun { at, error: error.map(str::to_owned), next }
}

/// Same id, no failures, and a revision more; names are of one plugin only.
pub async fn a_task_is_scheduled_anew_under_its_name(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let (first, other) = (task(&make, "a", "daily"), task(&make, "b", "daily"));
    write.cron_put(&other).await.unwrap();
    write.cron_put(&first).await.unwrap();
    assert_eq!(write.cron_list(None).await.unwrap(), [first.clone(), other.clone()]);
    let anew = CronTask { schedule: "@hourly".to_owned(), data: None, ..task(&make, "a", "daily") };
    write.cron_put(&anew).await.unwrap();
    let expected = CronTask { id: first.id, revision: 1, ..anew };
    assert_eq!(write.cron_list(Some(&plugin("a"))).await.unwrap(), [expected]);
    assert!(write.cron_delete(&plugin("a"), "daily").await.unwrap());
    assert!(!write.cron_delete(&plugin("a"), "daily").await.unwrap());
    write.cron_forget(&plugin("b")).await.unwrap();
    assert_eq!(write.cron_list(None).await.unwrap(), []);
}

/// Of the plugins asked for, never before their instant, and the next of a plugin when its first has settled.
pub async fn due_tasks_are_claimed_one_per_plugin_and_oldest_first(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let tasks = [("a", "a1"), ("b", "b1"), ("a", "a2"), ("c", "c1"), ("b", "later")];
    let tasks = tasks.map(|(of, name)| task(&make, of, name));
    for task in &tasks {
        write.cron_put(task).await.unwrap();
    }
    let now = tasks[3].next_run_at;
    let claimed = claim(&mut *write, &["a", "b"], now).await;
    assert_eq!(names(&claimed), ["a1", "b1"]);
    assert_eq!(
        claimed[0],
        CronTask { lease_until: Some(lease(now).until), claim: Some(lease(now).claim), ..tasks[0].clone() }
    );
    assert!(claim(&mut *write, &["a", "b"], now).await.is_empty());
    write.cron_settle(&claimed[0], &ran(now, None, Some(now.plus_millis(5000)))).await.unwrap();
    assert_eq!(names(&claim(&mut *write, &["a", "b"], now).await), ["a2"]);
    assert_eq!(names(&claim(&mut *write, &["c"], now).await), ["c1"]);
    assert!(claim(&mut *write, &[], now).await.is_empty());
}

/// However many ask at once.
pub async fn no_task_is_claimed_twice_concurrently(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let tasks: Vec<CronTask> = (0..12).map(|number| task(&make, &format!("p{number}"), "t")).collect();
    let of: Vec<PluginId> = tasks.iter().map(|task| task.plugin_id.clone()).collect();
    let mut write = store.write().await.unwrap();
    for task in &tasks {
        write.cron_put(task).await.unwrap();
    }
    write.commit().await.unwrap();
    let now = make.instant();
    let worker = || async {
        let mut mine: Vec<CronTaskId> = Vec::new();
        loop {
            let mut write = store.write().await.unwrap();
            let claimed = write.cron_claim(&of, now, &lease(now), 2).await.unwrap();
            write.commit().await.unwrap();
            if claimed.is_empty() {
                return mine;
            }
            mine.extend(claimed.into_iter().map(|task| task.id));
        }
    };
    let mut claimed: Vec<_> = join_all((0..4).map(|_| worker())).await.into_iter().flatten().collect();
    claimed.sort();
    let mut expected: Vec<_> = tasks.into_iter().map(|task| task.id).collect();
    expected.sort();
    assert_eq!(claimed, expected);
}

/// When its lease has run out; whoever had it has no say any more.
pub async fn a_run_that_never_came_back_is_claimed_again(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let only = task(&make, "a", "t");
    write.cron_put(&only).await.unwrap();
    let now = only.next_run_at;
    let lost = claim(&mut *write, &["a"], now).await.remove(0);
    assert!(claim(&mut *write, &["a"], now.plus_millis(LEASE - 1)).await.is_empty());
    let again = claim(&mut *write, &["a"], now.plus_millis(LEASE)).await.remove(0);
    write.cron_settle(&lost, &ran(now, None, Some(now.plus_millis(99_999)))).await.unwrap();
    write.cron_settle(&lost, &ran(now, None, None)).await.unwrap();
    assert!(!write.cron_renew(&lost, now.plus_millis(99_999)).await.unwrap());
    assert_eq!(write.cron_list(None).await.unwrap(), [again]);
}

/// And one that failed and is tried again is kept with its failures.
pub async fn a_task_that_is_done_is_forgotten(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let once = CronTask { one_shot: true, ..task(&make, "a", "once") };
    write.cron_put(&once).await.unwrap();
    let now = once.next_run_at;
    let claimed = claim(&mut *write, &["a"], now).await.remove(0);
    let retry = now.plus_millis(60_000);
    write.cron_settle(&claimed, &ran(now, Some("no"), Some(retry))).await.unwrap();
    let waiting = CronTask {
        next_run_at: retry,
        failures: 1,
        last_run_at: Some(now),
        last_error: Some("no".to_owned()),
        ..once
    };
    assert_eq!(write.cron_list(None).await.unwrap(), [waiting]);
    let claimed = claim(&mut *write, &["a"], retry).await.remove(0);
    write.cron_settle(&claimed, &ran(retry, None, None)).await.unwrap();
    assert_eq!(write.cron_list(None).await.unwrap(), []);
}

/// Over the instant the run would have set, and over being forgotten.
pub async fn scheduling_anew_during_a_run_wins(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let chained = CronTask { one_shot: true, ..task(&make, "a", "chained") };
    write.cron_put(&chained).await.unwrap();
    for next in [None, Some(make.instant())] {
        let now = make.instant();
        let claimed = claim(&mut *write, &["a"], now).await.remove(0);
        let anew = CronTask { one_shot: true, ..task(&make, "a", "chained") };
        write.cron_put(&anew).await.unwrap();
        assert!(claim(&mut *write, &["a"], now.plus_millis(LEASE - 1)).await.is_empty(), "it runs still");
        write.cron_settle(&claimed, &ran(now, None, next)).await.unwrap();
        let found = write.cron_list(None).await.unwrap();
        assert_eq!(
            (found[0].next_run_at, found[0].lease_until, found[0].last_run_at),
            (anew.next_run_at, None, Some(now))
        );
    }
}

/// A plugin with a running task is not ready before that has settled or its lease has run out.
pub async fn the_next_instant_is_of_the_plugins_asked_for(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let (early, late) = (task(&make, "a", "t"), task(&make, "b", "t"));
    for task in [&early, &late, &task(&make, "b", "u")] {
        write.cron_put(task).await.unwrap();
    }
    let both = [plugin("a"), plugin("b")];
    assert_eq!(write.cron_next_at(&both).await.unwrap(), Some(early.next_run_at));
    assert_eq!(write.cron_next_at(&both[1..]).await.unwrap(), Some(late.next_run_at));
    assert_eq!(write.cron_next_at(&[]).await.unwrap(), None);
    let lease = late.next_run_at.plus_millis(5000);
    let lease = Lease { claim: "x".to_owned(), until: lease };
    let running = write.cron_claim(&both[1..], late.next_run_at, &lease, 1).await.unwrap();
    assert_eq!(write.cron_next_at(&both[1..]).await.unwrap(), Some(lease.until));
    let longer = lease.until.plus_millis(1);
    assert!(write.cron_renew(&running[0], longer).await.unwrap());
    assert_eq!(write.cron_next_at(&both[1..]).await.unwrap(), Some(longer));
}
