//! The queue.

use std::sync::Arc;

use emdash_types::{JobId, Timestamp};
use futures::future::join_all;

use super::Make;
use crate::operations::{Job, JobStatus};
use crate::{SiteStore, SiteTransaction};

async fn add(store: &dyn SiteStore, jobs: &[&Job]) {
    let mut write = store.write().await.unwrap();
    for job in jobs {
        assert!(write.job_add(job).await.unwrap());
    }
    write.commit().await.unwrap();
}

async fn claim(write: &mut dyn SiteTransaction, now: Timestamp, limit: u32) -> Vec<JobId> {
    let jobs = write.job_claim(now, now.plus_millis(1000), limit).await.unwrap();
    assert!(jobs.iter().all(|job| job.status == JobStatus::Running));
    assert!(jobs.iter().all(|job| job.lease_until == Some(now.plus_millis(1000))));
    jobs.into_iter().map(|job| job.id).collect()
}

/// While one waits; once it runs, the next may wait.
pub async fn a_waiting_duplicate_is_not_added(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let first = make.job(Some("k"));
    assert!(write.job_add(&first).await.unwrap());
    assert!(!write.job_add(&make.job(Some("k"))).await.unwrap());
    assert!(write.job_add(&make.job(Some("other"))).await.unwrap());
    assert!(write.job_add(&make.job(None)).await.unwrap());
    assert!(write.job_add(&make.job(None)).await.unwrap());
    assert_eq!(claim(&mut *write, first.run_at, 1).await, [first.id]);
    assert!(write.job_add(&make.job(Some("k"))).await.unwrap());
    assert_eq!(write.job_counts().await.unwrap(), (4, 1, 0));
}

/// By instant, then id; never before their instant; a finished one is gone.
pub async fn jobs_are_claimed_in_order_and_once(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let jobs = [make.job(None), make.job(None), make.job(None)];
    let now = jobs[1].run_at;
    add(&*store, &[&jobs[2], &jobs[1], &jobs[0]]).await;
    let mut write = store.write().await.unwrap();
    let expected = Job {
        status: JobStatus::Running,
        attempts: 1,
        lease_until: Some(now.plus_millis(5)),
        ..jobs[0].clone()
    };
    assert_eq!(write.job_claim(now, now.plus_millis(5), 1).await.unwrap(), [expected]);
    assert_eq!(claim(&mut *write, now, 9).await, [jobs[1].id.clone()]);
    assert!(claim(&mut *write, now, 9).await.is_empty());
    write.job_finish(&jobs[0].id).await.unwrap();
    assert_eq!(write.job_counts().await.unwrap(), (1, 1, 0));
}

/// However many ask at once.
pub async fn no_job_is_claimed_twice_concurrently(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let jobs: Vec<Job> = (0..20).map(|_| make.job(None)).collect();
    add(&*store, &jobs.iter().collect::<Vec<_>>()).await;
    let now = make.instant();
    let worker = || async {
        let mut mine = Vec::new();
        loop {
            let mut write = store.write().await.unwrap();
            let claimed = claim(&mut *write, now, 3).await;
            tokio::task::yield_now().await;
            write.commit().await.unwrap();
            if claimed.is_empty() {
                return mine;
            }
            mine.extend(claimed);
        }
    };
    let mut claimed: Vec<JobId> = join_all((0..5).map(|_| worker())).await.into_iter().flatten().collect();
    claimed.sort();
    let mut expected: Vec<JobId> = jobs.into_iter().map(|job| job.id).collect();
    expected.sort();
    assert_eq!(claimed, expected);
}

/// Also that of a job that was added running.
pub async fn an_expired_lease_is_claimed_again(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut job = make.job(None);
    job.status = JobStatus::Running;
    job.attempts = 1;
    job.lease_until = Some(job.run_at.plus_millis(10));
    add(&*store, &[&job]).await;
    let mut write = store.write().await.unwrap();
    assert!(claim(&mut *write, job.run_at.plus_millis(9), 9).await.is_empty());
    let again = write.job_claim(job.run_at.plus_millis(10), job.run_at.plus_millis(20), 9).await.unwrap();
    assert_eq!(again[0].attempts, 2);
}

/// By whoever claimed it last.
pub async fn a_claim_is_held_for_longer(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let job = make.job(None);
    add(&*store, &[&job]).await;
    let now = job.run_at;
    let mut write = store.write().await.unwrap();
    let first = write.job_claim(now, now.plus_millis(10), 1).await.unwrap().remove(0);
    write.job_renew(&first, now.plus_millis(20)).await.unwrap();
    assert!(claim(&mut *write, now.plus_millis(19), 1).await.is_empty());
    assert_eq!(claim(&mut *write, now.plus_millis(20), 1).await.len(), 1);
    write.job_renew(&first, now.plus_millis(99_999)).await.unwrap();
    assert_eq!(write.job_next_at().await.unwrap(), Some(now.plus_millis(1020)));
}

/// Put back for later, or kept among the dead.
pub async fn a_failed_job_waits_or_dies(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let job = make.job(None);
    add(&*store, &[&job]).await;
    let (now, later) = (job.run_at, job.run_at.plus_millis(60_000));
    let mut write = store.write().await.unwrap();
    claim(&mut *write, now, 1).await;
    write.job_fail(&job.id, "refused", Some(later)).await.unwrap();
    assert!(claim(&mut *write, now.plus_millis(2000), 1).await.is_empty());
    let again = write.job_claim(later, later.plus_millis(1), 1).await.unwrap();
    assert_eq!((again[0].attempts, again[0].last_error.as_deref()), (2, Some("refused")));
    write.job_fail(&job.id, "given up", None).await.unwrap();
    assert_eq!(write.job_counts().await.unwrap(), (0, 0, 1));
    assert!(claim(&mut *write, later.plus_millis(99_999), 9).await.is_empty());
}

/// A job that takes the process down with it is not tried for ever.
pub async fn a_job_that_never_comes_back_dies(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let job = make.job(None);
    add(&*store, &[&job]).await;
    let mut write = store.write().await.unwrap();
    let mut now = job.run_at;
    for _ in 0..job.max_attempts {
        assert_eq!(claim(&mut *write, now, 9).await.len(), 1);
        now = now.plus_millis(1000);
    }
    assert!(claim(&mut *write, now, 9).await.is_empty());
    assert_eq!(write.job_counts().await.unwrap(), (0, 0, 1));
}

/// One of the two is enough.
pub async fn a_retry_gives_way_to_a_waiting_duplicate(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let (first, second) = (make.job(Some("k")), make.job(Some("k")));
    let mut write = store.write().await.unwrap();
    write.job_add(&first).await.unwrap();
    claim(&mut *write, first.run_at, 1).await;
    assert!(write.job_add(&second).await.unwrap());
    write.job_fail(&first.id, "refused", Some(second.run_at)).await.unwrap();
    assert_eq!(claim(&mut *write, second.run_at, 9).await, [second.id]);
    assert_eq!(write.job_counts().await.unwrap(), (0, 1, 0));
}

/// Of what waits and of leases; the dead do not count.
pub async fn the_next_instant_is_the_earliest(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    assert_eq!(write.job_next_at().await.unwrap(), None);
    let (early, late) = (make.job(None), make.job(None));
    write.job_add(&late).await.unwrap();
    write.job_add(&early).await.unwrap();
    assert_eq!(write.job_next_at().await.unwrap(), Some(early.run_at));
    let lease = late.run_at.plus_millis(-1);
    write.job_claim(early.run_at, lease, 1).await.unwrap();
    assert_eq!(write.job_next_at().await.unwrap(), Some(lease));
    write.job_fail(&early.id, "no", None).await.unwrap();
    assert_eq!(write.job_next_at().await.unwrap(), Some(late.run_at));
}
