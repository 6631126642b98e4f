//! Budgets: how much of the machine one plugin may use (A7, A8, A15, A18; plugin contract §9).

use std::time::Duration;

use crate::{Hook, ManifestForm};

/// Every limit of a plugin. All fields are required; [`Budgets::for_form`] gives the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// CPU time of one hook or route call. Waiting does not count (ruling 5).
    pub cpu: Duration,
    /// CPU time for evaluating the module once.
    pub evaluation_cpu: Duration,
    /// Linear memory of an instance, engine and plugin together.
    pub memory_bytes: usize,
    /// Wall-clock time of a hook that declares none.
    pub hook_wall: Duration,
    /// Longest wall-clock time a hook may declare.
    pub hook_wall_cap: Duration,
    /// Longest wall-clock time a hook may declare that nobody waits for.
    pub background_wall_cap: Duration,
    /// Wall-clock time of a route call.
    pub route_wall: Duration,
    /// Wall-clock time of a whole chain of hooks that somebody waits for.
    pub chain_wall: Duration,
    /// Instances at work at once on one site.
    pub instances: usize,
    /// Calls that may wait for an instance to come free.
    pub queue: usize,
    /// Longest such wait.
    pub queue_wall: Duration,
    /// Calls of its public routes from one address in a minute.
    pub public_calls_per_minute: u32,
    /// Host calls of one execution, of every kind.
    pub host_calls: u32,
    /// Network requests of one execution; redirects do not count again.
    pub network_calls: u32,
    /// Host operations under way at once.
    pub pending_operations: usize,
    /// Longest JSON text in one piece between guest and host.
    pub payload_bytes: usize,
    /// Longest response body of one network request.
    pub response_bytes: usize,
    /// Log lines of one execution; the rest is dropped.
    pub log_lines: u32,
    /// Longest log line; the rest of it is cut.
    pub log_line_bytes: usize,
    /// Everything the plugin keeps in KV and storage on one site.
    pub storage_bytes: u64,
    /// The plugin's own database file on one site.
    pub database_bytes: u64,
    /// Time all statements of one execution may take in that database.
    pub database_wall: Duration,
    /// Longest document or KV value, text or blob in the database.
    pub document_bytes: usize,
    /// Longest document id or KV key.
    pub key_bytes: usize,
    /// Tasks it may have scheduled at once.
    pub cron_tasks: usize,
    /// Longest data of a scheduled task, JSON.
    pub cron_data_bytes: usize,
}

impl Budgets {
    /// A7.
    pub const CPU: Duration = Duration::from_millis(500);
    /// Plugin contract §9 recommends 500 ms apart from the first call. The largest bundles seen take a fifth of it.
    pub const EVALUATION_CPU: Duration = Duration::from_millis(500);
    /// A8.
    pub const MEMORY_BYTES: usize = 64 * MEBIBYTE;
    /// Plugin contract §4.4.
    pub const HOOK_WALL: Duration = Duration::from_secs(5);
    /// Plugin contract §9: upstream's runner ends every call after 30 s, whatever a hook declares.
    pub const HOOK_WALL_CAP: Duration = Duration::from_secs(30);
    /// Ruling 5: a model takes 10 to 60 s to answer, which is waiting, not CPU time.
    pub const BACKGROUND_WALL: Duration = Duration::from_secs(60);
    /// Some answers of a model one after another, well within the ten minutes after which a task counts as lost
    /// (plugin contract §4.8).
    pub const BACKGROUND_WALL_CAP: Duration = Duration::from_secs(300);
    /// Plugin contract §9.
    pub const ROUTE_WALL: Duration = Duration::from_secs(30);
    /// A15.
    pub const CHAIN_WALL: Duration = Duration::from_secs(5);
    /// Plugin contract §9 asks for a cap. A quarter of what a server has by default, so that no plugin keeps the
    /// others from running.
    pub const INSTANCES: usize = 64;
    /// Plugin contract §9 asks for a queue. As many as may be at work.
    pub const QUEUE: usize = 64;
    /// Longer than nearly every call takes, shorter than people wait.
    pub const QUEUE_WALL: Duration = Duration::from_secs(2);
    /// Plugin contract §5.6 asks for a limit: five a second are more than a page's scripts make.
    pub const PUBLIC_CALLS_PER_MINUTE: u32 = 300;
    /// A18. Upstream allows 10 sub-requests, enforced on one of its runners only; plugins that page through
    /// their storage need hundreds.
    pub const HOST_CALLS: u32 = 1_000;
    /// A18, with upstream's number of sub-requests (plugin contract §9), for `api_version` "1".
    pub const NETWORK_CALLS: u32 = 10;
    /// What a manifest may ask for at the most. A bundle cannot ask and was often written against a runner
    /// without any limit, so it gets this.
    pub const NETWORK_CALLS_CAP: u32 = 50;
    /// Twice the parallel fetches of the busiest plugin seen.
    pub const PENDING_OPERATIONS: usize = 64;
    /// Plugin contract §9, bridge body.
    pub const PAYLOAD_BYTES: usize = 10 * MEBIBYTE;
    /// Plugin contract §9, HTTP response size.
    pub const RESPONSE_BYTES: usize = 10 * MEBIBYTE;
    /// Plugin contract §9 asks for a limit; a plugin that logs every item of a full page of results fits.
    pub const LOG_LINES: u32 = 200;
    /// See [`Budgets::LOG_LINES`]; a stack trace fits.
    pub const LOG_LINE_BYTES: usize = 4 * 1024;
    /// Plugin contract §9 asks for a quota.
    pub const STORAGE_BYTES: u64 = 256 * MEBIBYTE as u64;
    /// As much as KV and storage have.
    pub const DATABASE_BYTES: u64 = 256 * MEBIBYTE as u64;
    /// As long as a hook may take. Statements run outside the guest, so its CPU budget does not see them.
    pub const DATABASE_WALL: Duration = Duration::from_secs(5);
    /// Plugin contract §9.
    pub const DOCUMENT_BYTES: usize = MEBIBYTE;
    /// Plugin contract §9.
    pub const KEY_BYTES: usize = 512;

    /// Plugin contract §9 asks for a limit; nobody seen has more than five.
    pub const CRON_TASKS: usize = 100;
    /// A task's data says what to do; what it is done with belongs into storage.
    pub const CRON_DATA_BYTES: usize = 16 * 1024;

    /// The most CPU time a manifest may ask for, in milliseconds: a whole chain's time (A15).
    pub const CPU_CAP_MS: i64 = 5_000;
    /// The least memory that lets the engine itself start, in MiB.
    pub const MEMORY_FLOOR_MB: i64 = 8;
    /// The most memory a manifest may ask for, in MiB: four times the default of A8.
    pub const MEMORY_CAP_MB: i64 = 256;

    /// Wall-clock time of a hook that declares none.
    #[must_use]
    pub fn default_wall(hook: Hook) -> Duration {
        if hook.is_background() { Self::BACKGROUND_WALL } else { Self::HOOK_WALL }
    }

    /// Longest wall-clock time of a hook.
    #[must_use]
    pub fn wall_cap(&self, hook: Hook) -> Duration {
        if hook.is_background() { self.background_wall_cap } else { self.hook_wall_cap }
    }

    /// The defaults of a manifest form.
    #[must_use]
    pub fn for_form(form: ManifestForm) -> Self {
        let network_calls = match form {
            ManifestForm::PluginJson | ManifestForm::Embed => Self::NETWORK_CALLS,
            ManifestForm::Bundle | ManifestForm::Authoring | ManifestForm::Package => Self::NETWORK_CALLS_CAP,
        };
        Self {
            cpu: Self::CPU,
            evaluation_cpu: Self::EVALUATION_CPU,
            memory_bytes: Self::MEMORY_BYTES,
            hook_wall: Self::HOOK_WALL,
            hook_wall_cap: Self::HOOK_WALL_CAP,
            background_wall_cap: Self::BACKGROUND_WALL_CAP,
            route_wall: Self::ROUTE_WALL,
            chain_wall: Self::CHAIN_WALL,
            instances: Self::INSTANCES,
            queue: Self::QUEUE,
            queue_wall: Self::QUEUE_WALL,
            public_calls_per_minute: Self::PUBLIC_CALLS_PER_MINUTE,
            host_calls: Self::HOST_CALLS,
            network_calls,
            pending_operations: Self::PENDING_OPERATIONS,
            payload_bytes: Self::PAYLOAD_BYTES,
            response_bytes: Self::RESPONSE_BYTES,
            log_lines: Self::LOG_LINES,
            log_line_bytes: Self::LOG_LINE_BYTES,
            storage_bytes: Self::STORAGE_BYTES,
            database_bytes: Self::DATABASE_BYTES,
            database_wall: Self::DATABASE_WALL,
            document_bytes: Self::DOCUMENT_BYTES,
            key_bytes: Self::KEY_BYTES,
            cron_tasks: Self::CRON_TASKS,
            cron_data_bytes: Self::CRON_DATA_BYTES,
        }
    }
}

const MEBIBYTE: usize = 1024 * 1024;
