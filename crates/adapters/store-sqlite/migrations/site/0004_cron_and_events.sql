-- Work that plugins scheduled for later (plugin contract §3.11). A lease, not a status, says that one runs.
CREATE TABLE _emdash_cron_tasks (
  id TEXT NOT NULL PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  task_name TEXT NOT NULL,
  schedule TEXT NOT NULL,
  is_oneshot INTEGER NOT NULL,
  data TEXT,
  next_run_at TEXT NOT NULL,
  lease_until TEXT,
  claim TEXT,
  revision INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  last_run_at TEXT,
  last_error TEXT
) STRICT;
CREATE UNIQUE INDEX _emdash_cron_tasks_name ON _emdash_cron_tasks (plugin_id, task_name);
CREATE INDEX _emdash_cron_tasks_due ON _emdash_cron_tasks (next_run_at, id);
