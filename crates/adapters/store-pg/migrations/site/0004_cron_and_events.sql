-- Work that plugins scheduled for later (plugin contract §3.11). A lease, not a status, says that one runs.
CREATE TABLE _emdash_cron_tasks (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  plugin_id TEXT COLLATE "C" NOT NULL,
  task_name TEXT COLLATE "C" NOT NULL,
  schedule TEXT COLLATE "C" NOT NULL,
  is_oneshot BIGINT NOT NULL,
  data TEXT COLLATE "C",
  next_run_at TEXT COLLATE "C" NOT NULL,
  lease_until TEXT COLLATE "C",
  claim TEXT COLLATE "C",
  revision BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  last_run_at TEXT COLLATE "C",
  last_error TEXT COLLATE "C"
);
CREATE UNIQUE INDEX _emdash_cron_tasks_name ON _emdash_cron_tasks (plugin_id, task_name);
CREATE INDEX _emdash_cron_tasks_due ON _emdash_cron_tasks (next_run_at, id);
