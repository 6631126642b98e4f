//! Options, jobs, audit and import bookkeeping of one site.

use async_trait::async_trait;
use emdash_types::{AuditId, JobId, Result, Timestamp};
use serde_json::Value;

/// Options of one site: `site:title`, `emdash:setup_complete` and the like.
#[async_trait]
pub trait OptionRepository {
    /// By name.
    async fn option_lookup(&mut self, name: &str) -> Result<Option<Value>>;

    /// All whose name begins with a prefix, by name.
    async fn option_list(&mut self, prefix: &str) -> Result<Vec<(String, Value)>>;

    /// Stores one.
    async fn option_set(&mut self, name: &str, value: &Value) -> Result<()>;

    /// Forgets one; says whether there was one.
    async fn option_delete(&mut self, name: &str) -> Result<bool>;
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// To be run at `run_at`.
    Queued,
    /// Claimed until `lease_until`.
    Running,
    /// Given up after its last attempt; kept to be looked at and replayed.
    Dead,
}

impl JobStatus {
    /// The text in the column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Dead].into_iter().find(|status| status.as_str() == text)
    }
}

/// Work to be done after the transaction that asked for it. A finished job is deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Id; jobs of one instant run in id order.
    pub id: JobId,
    /// Job type, `content.after_save`.
    pub kind: String,
    /// What it needs to know.
    pub payload: Value,
    /// While a job with this key waits, another is not added.
    pub dedupe_key: Option<String>,
    /// Status.
    pub status: JobStatus,
    /// Tries so far.
    pub attempts: u32,
    /// Tries at the most.
    pub max_attempts: u32,
    /// Not before.
    pub run_at: Timestamp,
    /// Until when a claim holds; afterwards anyone may claim it again.
    pub lease_until: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Made at.
    pub created_at: Timestamp,
}

/// The queue of one site. A job may be inserted already claimed (`Running` with a lease), for work the
/// inserting process begins at once and another takes over if it dies.
#[async_trait]
pub trait JobRepository {
    /// Adds a job in this transaction; says whether it was added (not a duplicate).
    async fn job_add(&mut self, job: &Job) -> Result<bool>;

    /// Claims up to `limit` jobs that are due or whose lease ran out, oldest first; attempts grow by one. A job whose
    /// lease ran out in its last attempt is put among the dead instead.
    async fn job_claim(&mut self, now: Timestamp, lease_until: Timestamp, limit: u32) -> Result<Vec<Job>>;

    /// Holds a claim for longer, unless another took the job over meanwhile.
    async fn job_renew(&mut self, claimed: &Job, until: Timestamp) -> Result<()>;

    /// Forgets a finished job.
    async fn job_finish(&mut self, id: &JobId) -> Result<()>;

    /// Puts a failed job back for `run_at`, or among the dead where that is `None`. A job goes instead of back where
    /// another one with its key waits already.
    async fn job_fail(&mut self, id: &JobId, error: &str, run_at: Option<Timestamp>) -> Result<()>;

    /// How many are queued, running and dead.
    async fn job_counts(&mut self) -> Result<(u64, u64, u64)>;

    /// The earliest instant at which a job can be claimed.
    async fn job_next_at(&mut self) -> Result<Option<Timestamp>>;
}

/// Who did what.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// `user:<id>`, `plugin:<id>` or `system`.
    pub actor: String,
    /// `content.publish`.
    pub action: String,
    /// `posts/01M7…`.
    pub resource: String,
    /// More.
    pub details: Value,
}

/// The audit log of one site; append-only.
#[async_trait]
pub trait AuditRepository {
    /// Appends.
    async fn audit_add(&mut self, record: &AuditRecord) -> Result<()>;

    /// The newest `limit`.
    async fn audit_list(&mut self, limit: u32) -> Result<Vec<AuditRecord>>;
}

/// Which thing of another system became which of ours, so that an import can be run again.
#[async_trait]
pub trait ImportRepository {
    /// Our id for `kind` and `external_id` of a source.
    async fn import_lookup(&mut self, source: &str, kind: &str, external_id: &str) -> Result<Option<String>>;

    /// Remembers our id, replacing what was known.
    async fn import_put(&mut self, source: &str, kind: &str, external_id: &str, id: &str) -> Result<()>;

    /// All of one kind, as pairs of external id and ours.
    async fn import_list(&mut self, source: &str, kind: &str) -> Result<Vec<(String, String)>>;
}
