//! The job queue.

use async_trait::async_trait;
use emdash_store::operations::{Job, JobRepository, JobStatus};
use emdash_types::{JobId, Result, Timestamp};

use crate::row::Reader;
use crate::value::bind;
use crate::{Row, SqlTransaction};

const JOB: &str = "id, kind, payload, dedupe_key, status, attempts, max_attempts, run_at, lease_until, \
                   last_error, created_at";

fn job(row: Row) -> Result<Job> {
    let mut row = Reader::new("_emdash_jobs", row);
    Ok(Job {
        id: row.id("id")?,
        kind: row.text("kind")?,
        payload: row.json("payload")?,
        dedupe_key: row.optional_text("dedupe_key")?,
        status: row.word("status", JobStatus::parse)?,
        attempts: row.number("attempts")?,
        max_attempts: row.number("max_attempts")?,
        run_at: row.time("run_at")?,
        lease_until: row.optional_time("lease_until")?,
        last_error: row.optional_text("last_error")?,
        created_at: row.time("created_at")?,
    })
}

#[async_trait]
impl JobRepository for SqlTransaction {
    async fn job_add(&mut self, job: &Job) -> Result<bool> {
        let added = self
            .execute(
                &format!(
                    "INSERT INTO _emdash_jobs ({JOB}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
                     ON CONFLICT (dedupe_key) WHERE status = 'queued' DO NOTHING"
                ),
                &bind![
                    job.id,
                    job.kind,
                    job.payload,
                    job.dedupe_key,
                    job.status.as_str(),
                    job.attempts,
                    job.max_attempts,
                    job.run_at,
                    job.lease_until,
                    job.last_error,
                    job.created_at,
                ],
            )
            .await?;
        Ok(added > 0)
    }

    async fn job_claim(&mut self, now: Timestamp, lease_until: Timestamp, limit: u32) -> Result<Vec<Job>> {
        // A job whose last attempt took the process down with it must not do so for ever.
        self.execute(
            "UPDATE _emdash_jobs SET status = 'dead', lease_until = NULL, \
             last_error = coalesce(last_error, 'the last attempt did not come back') \
             WHERE status = 'running' AND lease_until <= ?1 AND attempts >= max_attempts",
            &bind![now],
        )
        .await?;
        let sql = format!(
            "UPDATE _emdash_jobs SET status = 'running', lease_until = ?2, attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM _emdash_jobs WHERE (status = 'queued' AND run_at <= ?1) \
             OR (status = 'running' AND lease_until <= ?1) ORDER BY run_at, id LIMIT ?3) RETURNING {JOB}"
        );
        let mut jobs = self.all(&sql, &bind![now, lease_until, limit], job).await?;
        jobs.sort_by(|a, b| (a.run_at, &a.id).cmp(&(b.run_at, &b.id)));
        Ok(jobs)
    }

    async fn job_renew(&mut self, claimed: &Job, until: Timestamp) -> Result<()> {
        let sql = "UPDATE _emdash_jobs SET lease_until = ?3 \
                   WHERE id = ?1 AND attempts = ?2 AND status = 'running'";
        self.execute(sql, &bind![claimed.id, claimed.attempts, until]).await?;
        Ok(())
    }

    async fn job_finish(&mut self, id: &JobId) -> Result<()> {
        self.execute("DELETE FROM _emdash_jobs WHERE id = ?1", &bind![id]).await?;
        Ok(())
    }

    async fn job_fail(&mut self, id: &JobId, error: &str, run_at: Option<Timestamp>) -> Result<()> {
        let Some(run_at) = run_at else {
            let sql =
                "UPDATE _emdash_jobs SET status = 'dead', lease_until = NULL, last_error = ?2 WHERE id = ?1";
            self.execute(sql, &bind![id, error]).await?;
            return Ok(());
        };
        // A job with the same key that waits already will do the work.
        let superseded = self
            .execute(
                "DELETE FROM _emdash_jobs WHERE id = ?1 AND EXISTS (SELECT 1 FROM _emdash_jobs AS other \
                 WHERE other.dedupe_key = _emdash_jobs.dedupe_key AND other.status = 'queued' \
                 AND other.id <> ?1)",
                &bind![id],
            )
            .await?;
        if superseded == 0 {
            let sql = "UPDATE _emdash_jobs SET status = 'queued', lease_until = NULL, last_error = ?2, \
                       run_at = ?3 WHERE id = ?1";
            self.execute(sql, &bind![id, error, run_at]).await?;
        }
        Ok(())
    }

    async fn job_counts(&mut self) -> Result<(u64, u64, u64)> {
        let sql = "SELECT status, count(*) FROM _emdash_jobs GROUP BY status";
        let counts = self
            .all(sql, &[], |row| {
                let mut row = Reader::new("_emdash_jobs", row);
                Ok((row.word("status", JobStatus::parse)?, row.number::<u64>("count")?))
            })
            .await?;
        let of = |status| counts.iter().find(|(found, _)| *found == status).map_or(0, |(_, count)| *count);
        Ok((of(JobStatus::Queued), of(JobStatus::Running), of(JobStatus::Dead)))
    }

    async fn job_next_at(&mut self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(at) FROM (SELECT min(run_at) AS at FROM _emdash_jobs WHERE status = 'queued' \
                   UNION ALL SELECT min(lease_until) FROM _emdash_jobs WHERE status = 'running') AS next";
        let at = self.one(sql, &[], |row| Reader::new("_emdash_jobs", row).optional_time("run_at")).await?;
        Ok(at.flatten())
    }
}
